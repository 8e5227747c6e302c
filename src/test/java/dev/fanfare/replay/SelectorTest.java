package dev.fanfare.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fanfare.delivery.DeliveryState;
import dev.fanfare.platform.Fault;
import dev.fanfare.platform.JsonObjectReader;
import dev.fanfare.platform.ProblemException;
import dev.fanfare.platform.StrictJson;
import dev.fanfare.platform.TypeId;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelectorTest {
    private static final UUID ID = UUID.fromString("0195503a-1c00-7000-8000-000000000001");
    private static final String DELIVERY = TypeId.format("dlv", ID);
    private static final String EVENT = TypeId.format("evt", ID);
    private static final String SUBSCRIPTION = TypeId.format("sub", ID);

    private static Selector read(String body) {
        JsonObjectReader reader = StrictJson.optionalObject(
                "application/json",
                new ByteArrayInputStream(body.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
        Selector selector = Selector.read(reader);
        reader.finish();
        return selector;
    }

    private static List<String> faults(String body) {
        ProblemException refused = catchThrowableOfType(ProblemException.class, () -> read(body));
        assertThat(refused).as(body).isNotNull();
        assertThat(refused.problem().type().status).isEqualTo(400);
        return refused.problem().errors().stream().map(SelectorTest::shown).toList();
    }

    private static String shown(Fault fault) {
        return fault.pointer() + " " + fault.code();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}"})
    void without_members_it_means_what_died(String body) {
        assertThat(read(body))
                .isEqualTo(new Selector(null, null, null, DeliveryState.DEAD, null, null, null, null, null));
    }

    @Test
    void all_members_are_read() {
        assertThat(read("{'deliveries':['" + DELIVERY + "'],'events':['" + EVENT + "'],'subscription':'" + SUBSCRIPTION
                        + "','state':'cancelled','reason':'exhausted','type':'a.b','source':'/s',"
                        + "'from':'2026-03-01T00:00:00+01:00','to':'2026-03-02T00:00:00Z'}"))
                .isEqualTo(new Selector(
                        List.of(ID),
                        List.of(ID),
                        ID,
                        DeliveryState.CANCELLED,
                        "exhausted",
                        "a.b",
                        "/s",
                        Instant.parse("2026-02-28T23:00:00Z"),
                        Instant.parse("2026-03-02T00:00:00Z")));
    }

    @Test
    void deliveries_that_are_named_are_meant_in_every_state_unless_a_state_is_named_too() {
        assertThat(read("{'deliveries':['" + DELIVERY + "']}").state()).isNull();
        assertThat(read("{'deliveries':['" + DELIVERY + "'],'state':'dead'}").state())
                .isEqualTo(DeliveryState.DEAD);
        assertThat(read("{'events':['" + EVENT + "']}").state()).isEqualTo(DeliveryState.DEAD);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dead", "cancelled", "pending", "delivered"})
    void these_states_can_be_replayed(String state) {
        assertThat(read("{'state':'" + state + "'}").state().word()).isEqualTo(state);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {'deliveries':[]}                            | /deliveries invalid
            {'events':[]}                                | /events invalid
            {'deliveries':'DLV'}                         | /deliveries wrongtype
            {'deliveries':{}}                            | /deliveries wrongtype
            {'deliveries':[1]}                           | /deliveries/0 wrongtype
            {'deliveries':['DLV','nonsense']}            | /deliveries/1 invalid
            {'deliveries':['DLV','SUB']}                 | /deliveries/1 invalid
            {'deliveries':['DLV','EVT']}                 | /deliveries/1 invalid
            {'deliveries':[null]}                        | /deliveries/0 wrongtype
            {'events':['DLV']}                           | /events/0 invalid
            {'events':['']}                              | /events/0 invalid
            {'subscription':'DLV'}                       | /subscription invalid
            {'subscription':''}                          | /subscription invalid
            {'subscription':['SUB']}                     | /subscription wrongtype
            {'state':'inflight'}                         | /state invalid
            {'state':'held'}                             | /state invalid
            {'state':'DEAD'}                             | /state invalid
            {'state':''}                                 | /state invalid
            {'state':['dead']}                           | /state wrongtype
            {'reason':'exhaused'}                        | /reason invalid
            {'reason':410}                               | /reason wrongtype
            {'type':7}                                   | /type wrongtype
            {'source':{}}                                | /source wrongtype
            {'type':'a\\u0000'}                          | /type invalid
            {'from':'yesterday'}                         | /from invalid
            {'from':'2026-03-01'}                        | /from invalid
            {'to':'2026-03-01T00:00:00'}                 | /to invalid
            {'to':1772323200}                            | /to wrongtype
            {'from':'2026-03-01T00:00:00Z','to':'2026-03-01T00:00:00Z'} | /to invalid
            {'from':'2026-03-02T00:00:00Z','to':'2026-03-01T00:00:00Z'} | /to invalid
            """)
    void what_is_wrong_is_named(String body, String fault) {
        assertThat(faults(body.replace("DLV", DELIVERY).replace("EVT", EVENT).replace("SUB", SUBSCRIPTION)))
                .containsExactly(fault);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "subscriptions",
                "delivery",
                "event",
                "states",
                "reasons",
                "types",
                "sources",
                "since",
                "until",
                "ids",
                "id",
                "Subscription",
                "filter",
                "limit",
                "subscription "
            })
    void a_member_that_is_not_known_never_means_everything(String name) {
        assertThat(faults("{'" + name + "':'x'}")).containsExactly("/" + name + " unknownmember");
    }

    @ParameterizedTest
    @ValueSource(strings = {"deliveries", "events", "subscription", "state", "reason", "type", "source", "from", "to"})
    void a_member_that_is_null_never_means_everything(String name) {
        assertThat(faults("{'" + name + "':null}")).containsExactly("/" + name + " invalid");
    }

    @Test
    void a_thousand_ids_are_taken_and_no_more() {
        assertThat(read("{'deliveries':[" + ids(1_000) + "]}").deliveries()).hasSize(1_000);
        assertThat(faults("{'deliveries':[" + ids(1_001) + "]}")).containsExactly("/deliveries toomany");
        assertThat(faults("{'events':[" + ids(1_001) + "]}")).containsExactly("/events toomany");
    }

    private static String ids(int count) {
        return IntStream.range(0, count).mapToObj(i -> "'" + DELIVERY + "'").collect(Collectors.joining(","));
    }

    @Test
    void texts_have_a_limit() {
        assertThat(faults("{'type':'" + "t".repeat(4_097) + "','source':'" + "s".repeat(4_097) + "'}"))
                .containsExactlyInAnyOrder("/type toolong", "/source toolong");
    }
}
