package dev.fanfare.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.fanfare.cloudevents.EventReader;
import dev.fanfare.cloudevents.RejectedEvent;
import dev.fanfare.cloudevents.WireEvent;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FiltersTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<Map.Entry<String, String>> STRUCTURED =
            List.of(Map.entry("Content-Type", "application/cloudevents+json"));
    private static final WireEvent EVENT =
            event(Map.of("time", "2018-04-05T17:31:00.10Z", "subject", "böse/ünïcode", "flag", true, "number", -7));

    /** The "SubscriptionsAPI Recreations" of the CESQL conformance kit, written in the dialects that they recreate. */
    @ParameterizedTest
    @MethodSource("recreations")
    void the_conformance_kits_filters_match_what_they_should(
            JsonNode filters, Map<String, Object> event, boolean matches) throws Exception {
        assertThat(Filters.parse(filters, "/filters").matches(event(event))).isEqualTo(matches);
    }

    static Stream<Arguments> recreations() throws IOException {
        try (InputStream file = FiltersTest.class.getResourceAsStream("/filter/subscriptions_api.json")) {
            return StreamSupport.stream(JSON.readTree(file).spliterator(), false)
                    .map(test -> Arguments.of(
                            Named.of(test.get("name").asText(), test.get("filters")),
                            JSON.convertValue(test.get("event"), new TypeReference<Map<String, Object>>() {}),
                            test.get("matches").asBoolean()));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "[{'exact':{'type':'com.example.someevent'}}]                      | true",
                "[{'exact':{'type':'com.example.SOMEEVENT'}}]                      | false",
                "[{'exact':{'type':'com.example.someevent','subject':'other'}}]    | false",
                "[{'exact':{'specversion':'1.0'}}]                                 | true",
                "[{'exact':{'time':'2018-04-05T17:31:00.10Z'}}]                    | true",
                "[{'exact':{'time':'2018-04-05T17:31:00.1Z'}}]                     | false",
                "[{'exact':{'flag':'true','number':'-7'}}]                         | true",
                "[{'prefix':{'type':'com.example.someevent'}}]                     | true",
                "[{'prefix':{'type':'com.example.someevent.'}}]                    | false",
                "[{'prefix':{'type':'com.','subject':'böse'}}]                     | true",
                "[{'suffix':{'type':'event','subject':'ünïcode'}}]                 | true",
                "[{'suffix':{'type':'event','subject':'unicode'}}]                 | false",
                "[{'prefix':{'missing':'x'}}]                                      | false",
                "[{'suffix':{'missing':'x'}}]                                      | false",
                "[{'exact':{'missing':'x'}}]                                       | false",
                "[{'not':{'prefix':{'missing':'x'}}}]                              | true",
                "[{'not':{'suffix':{'missing':'x'}}}]                              | true",
                "[{'not':{'exact':{'missing':'x'}}}]                               | true",
                "[{'not':{'exact':{'type':'com.example.someevent'}}}]              | false",
                "[{'not':{'not':{'exact':{'missing':'x'}}}}]                       | false",
                "[{'any':[{'exact':{'id':'x'}},{'not':{'exact':{'id':'x'}}}]}]     | true",
                "[{'all':[{'exact':{'id':'x'}},{'not':{'exact':{'id':'x'}}}]}]     | false",
                "[{'exact':{'id':'A1'}},{'exact':{'id':'x'}}]                      | false",
                "[{'exact':{'id':'A1'}},{'prefix':{'source':'/'}}]                 | true",
                "[]                                                                | true",
            })
    void each_dialect_means_what_the_subscriptions_api_says(String filters, boolean matches) throws Exception {
        assertThat(parse(filters).matches(EVENT)).isEqualTo(matches);
    }

    @Test
    void without_filters_every_event_is_wanted() throws Exception {
        assertThat(Filters.parse(null, "/filters").matches(EVENT)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{}                                      | /filters             | wrongtype",
                "null                                    | /filters             | wrongtype",
                "'exact'                                 | /filters             | wrongtype",
                "{'exact':{'id':'x'}}                    | /filters             | wrongtype",
                "[1]                                     | /filters/0           | wrongtype",
                "[null]                                  | /filters/0           | wrongtype",
                "[[]]                                    | /filters/0           | wrongtype",
                "[{}]                                    | /filters/0           | invalid",
                "[{'exact':{'id':'x'}},{}]               | /filters/1           | invalid",
                "[{'exact':{'id':'x'},'not':{}}]         | /filters/0           | invalid",
                "[{'exact':{'id':'x'},'sql':''}]         | /filters/0           | invalid",
                "[{'exact':null}]                        | /filters/0/exact     | wrongtype",
                "[{'exact':[]}]                          | /filters/0/exact     | wrongtype",
                "[{'exact':{}}]                          | /filters/0/exact     | invalid",
                "[{'prefix':{}}]                         | /filters/0/prefix    | invalid",
                "[{'suffix':'x'}]                        | /filters/0/suffix    | wrongtype",
                "[{'exact':{'id':''}}]                   | /filters/0/exact/id  | invalid",
                "[{'exact':{'id':1}}]                    | /filters/0/exact/id  | wrongtype",
                "[{'exact':{'id':true}}]                 | /filters/0/exact/id  | wrongtype",
                "[{'exact':{'id':null}}]                 | /filters/0/exact/id  | wrongtype",
                "[{'exact':{'id':['x']}}]                | /filters/0/exact/id  | wrongtype",
                "[{'exact':{'':'x'}}]                    | /filters/0/exact/    | invalid",
                "[{'exact':{'ID':'x'}}]                  | /filters/0/exact/ID  | invalid",
                "[{'exact':{'my_ext':'x'}}]              | /filters/0/exact/my_ext | invalid",
                "[{'exact':{'é':'x'}}]                   | /filters/0/exact/é   | invalid",
                "[{'exact':{'a/b~':'x'}}]                | /filters/0/exact/a~1b~0 | invalid",
                "[{'exact':{'data':'x'}}]                | /filters/0/exact/data | invalid",
                "[{'suffix':{'data':'x'}}]               | /filters/0/suffix/data | invalid",
                "[{'all':{}}]                            | /filters/0/all       | wrongtype",
                "[{'all':[]}]                            | /filters/0/all       | invalid",
                "[{'any':[]}]                            | /filters/0/any       | invalid",
                "[{'any':[{}]}]                          | /filters/0/any/0     | invalid",
                "[{'not':[]}]                            | /filters/0/not       | wrongtype",
                "[{'not':{}}]                            | /filters/0/not       | invalid",
                "[{'not':{'any':[{'all':[{'x':1}]}]}}]   | /filters/0/not/any/0/all/0/x | unknownmember",
                "[{'sql':'TRUE'}]                         | /filters/0/sql       | notyet",
                "[{'EXACT':{'id':'x'}}]                  | /filters/0/EXACT     | unknownmember",
                "[{'':{'id':'x'}}]                       | /filters/0/          | unknownmember",
            })
    void a_fault_is_found_where_it_is(String filters, String pointer, String code) {
        assertThat(faults(filters)).extracting("pointer", "code").containsExactly(tuple(pointer, code));
    }

    @Test
    void the_dialect_sql_is_refused_with_the_word_that_it_comes_later() {
        assertThat(faults("[{'sql':'TRUE'}]")).extracting("detail").containsExactly("the dialect sql comes later");
    }

    @Test
    void every_fault_of_a_document_is_told_at_once() {
        assertThat(faults("[{'exact':{'ID':'x','data':'x','id':'','type':'ok'}},{},{'nope':1}]"))
                .extracting("pointer")
                .containsExactly(
                        "/filters/0/exact/ID",
                        "/filters/0/exact/data",
                        "/filters/0/exact/id",
                        "/filters/1",
                        "/filters/2/nope");
    }

    @Test
    void filters_may_be_16_deep_and_no_deeper() throws Exception {
        assertThat(parse(nested(16)).matches(EVENT)).isFalse();
        assertThat(faults(nested(17))).extracting("code").containsExactly("toomany");
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 100, 400})
    void the_depth_of_alls_and_anys_is_limited_too(int depth) {
        String filters = "[" + "{'all':[{'any':[".repeat(depth / 2 + 1) + "{'exact':{'id':'x'}}"
                + "]}]}".repeat(depth / 2 + 1) + "]";
        assertThat(faults(filters)).extracting("code").containsExactly("toomany");
    }

    @Test
    void filters_may_have_256_nodes_and_no_more() throws Exception {
        assertThat(parse(listed(256)).matches(EVENT)).isTrue();
        assertThat(faults(listed(257)))
                .extracting("pointer", "code")
                .containsExactly(tuple("/filters/256/exact/id", "toomany"));
    }

    @Test
    void each_attribute_of_one_filter_counts_as_a_node() throws Exception {
        assertThat(parse("[" + attributes(256) + "]").matches(EVENT)).isFalse();
        assertThat(faults("[" + attributes(257) + "]")).extracting("code").containsExactly("toomany");
    }

    @Test
    void a_not_an_all_and_an_any_count_as_a_node_each() throws Exception {
        String three = ",{'not':{'all':[{'any':[" + "{'exact':{'id':'x'}}]}]}}]";
        assertThat(parse(listed(252).replace("]", three)).matches(EVENT)).isTrue();
        assertThat(faults(listed(253).replace("]", three))).extracting("code").containsExactly("toomany");
    }

    @Test
    void a_million_faults_cost_no_more_than_twenty() {
        assertThat(faults("[" + "1,".repeat(999_999) + "1]")).hasSize(20);
        assertThat(faults("[" + attributes(100_000).replace("'x'", "1") + "]")).hasSize(20);
    }

    @Test
    void names_and_values_have_a_length_limit() throws Exception {
        assertThat(parse("[{'exact':{'id':'" + "x".repeat(4096) + "'}}]").matches(EVENT))
                .isFalse();
        assertThat(faults("[{'exact':{'id':'" + "x".repeat(4097) + "'}}]"))
                .extracting("code")
                .containsExactly("toolong");
        assertThat(faults("[{'exact':{'" + "x".repeat(4097) + "':'x'}}]"))
                .extracting("code")
                .containsExactly("toolong");
    }

    @Test
    void null_is_not_taken_for_absent_since_that_would_mean_everything() {
        assertThatThrownBy(() -> Filters.parse(NullNode.getInstance(), "/filters"))
                .isInstanceOf(InvalidFilter.class)
                .hasMessage("/filters: an array of filters is expected");
    }

    @Test
    void types_match_one_of_them_exactly() {
        assertThat(new Filter.AnyTypeOf(Set.of("a", "com.example.someevent")).matches(EVENT))
                .isTrue();
        assertThat(new Filter.AnyTypeOf(Set.of("a", "com.example")).matches(EVENT))
                .isFalse();
    }

    private static String nested(int depth) {
        return "[" + "{'not':".repeat(depth - 1) + "{'exact':{'id':'A1'}}" + "}".repeat(depth - 1) + "]";
    }

    private static String listed(int count) {
        return "[" + String.join(",", Collections.nCopies(count, "{'exact':{'id':'A1'}}")) + "]";
    }

    private static String attributes(int count) {
        StringBuilder members = new StringBuilder();
        for (int i = 0; i < count; i++) {
            members.append(i == 0 ? "" : ",").append("'a").append(i).append("':'x'");
        }
        return "{'exact':{" + members + "}}";
    }

    private static List<InvalidFilter.Fault> faults(String filters) {
        InvalidFilter refused = catchThrowableOfType(InvalidFilter.class, () -> parse(filters));
        assertThat(refused).as("refusal of %.100s", filters).isNotNull();
        return refused.faults();
    }

    /** Single quotes stand for double ones. */
    private static Filter parse(String filters) throws IOException, InvalidFilter {
        return Filters.parse(JSON.readTree(filters.replace('\'', '"')), "/filters");
    }

    private static WireEvent event(Map<String, ?> attributes) {
        Map<String, Object> all = new HashMap<>(
                Map.of("specversion", "1.0", "id", "A1", "source", "/mycontext", "type", "com.example.someevent"));
        all.putAll(attributes);
        try {
            return new EventReader(new EventReader.Limits(65_536, 65_536, 1, 10))
                    .read(STRUCTURED, JSON.writeValueAsBytes(all))
                    .get(0);
        } catch (RejectedEvent | IOException e) {
            throw new AssertionError(e);
        }
    }
}
