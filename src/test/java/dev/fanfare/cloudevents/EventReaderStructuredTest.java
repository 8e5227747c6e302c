package dev.fanfare.cloudevents;

import static dev.fanfare.cloudevents.Messages.REQUIRED;
import static dev.fanfare.cloudevents.Messages.faults;
import static dev.fanfare.cloudevents.Messages.json;
import static dev.fanfare.cloudevents.Messages.structured;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.cloudevents.WireEvent.DataKind;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CloudEvents JSON format §2 and §3. */
class EventReaderStructuredTest {
    @Test
    void attributes_stay_as_they_came() throws RejectedEvent {
        WireEvent event = structured("""
                {"id":"A-1","source":"//h/%C3%A4","type":"t €","specversion":"1.0","subject":"\\u20ac \\ud83d\\ude00",
                "time":"2018-04-05t17:31:00.120+02:00","datacontenttype":"Text/Plain ; Charset=UTF-8",
                "dataschema":"https://e.example/s#/x","data":"d"}
                """);
        assertThat(event.id()).isEqualTo("A-1");
        assertThat(event.source()).isEqualTo("//h/%C3%A4");
        assertThat(event.type()).isEqualTo("t €");
        assertThat(event.subject()).isEqualTo("€ 😀");
        assertThat(event.time()).isEqualTo("2018-04-05t17:31:00.120+02:00");
        assertThat(event.datacontenttype()).isEqualTo("Text/Plain ; Charset=UTF-8");
        assertThat(event.dataschema()).isEqualTo("https://e.example/s#/x");
        assertThat(event.attribute("specversion")).isEqualTo("1.0");
    }

    @Test
    void extensions_keep_their_json_type() throws RejectedEvent {
        WireEvent event = structured(json("""
                "yes":true,"no":false,"least":-2147483648,"most":2147483647,"zero":-0,"text":"5","none":"","unset":null,
                "anextensionwithaverylongname0123456789":"x" """));
        assertThat(event.extensions())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "yes",
                        true,
                        "no",
                        false,
                        "least",
                        Integer.MIN_VALUE,
                        "most",
                        Integer.MAX_VALUE,
                        "zero",
                        0,
                        "text",
                        "5",
                        "none",
                        "",
                        "anextensionwithaverylongname0123456789",
                        "x"));
        assertThat(event.attribute("least")).isEqualTo("-2147483648");
        assertThat(event.attribute("yes")).isEqualTo("true");
        assertThat(event.attribute("unset")).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`\"subject\":1` | /subject type",
                "`\"time\":true` | /time type",
                "`\"dataschema\":{}` | /dataschema type",
                "`\"datacontenttype\":[\"a/b\"]` | /datacontenttype type",
                "`\"subject\":1.5` | /subject range",
                "`\"x\":{}` | /x type",
                "`\"x\":[[1],{\"y\":2}]` | /x type",
                "`\"x\":1.0` | /x range",
                "`\"x\":1e2` | /x range",
                "`\"x\":2147483648` | /x range",
                "`\"x\":-2147483649` | /x range",
                "`\"x\":99999999999999999999` | /x range",
                "`\"subject\":\"\"` | /subject empty",
                "`\"time\":\"\"` | /time empty",
                "`\"datacontenttype\":\"\"` | /datacontenttype empty",
                "`\"dataschema\":\"\"` | /dataschema empty",
                "`\"time\":\"2018-04-05T17:31Z\"` | /time time",
                "`\"dataschema\":\"/relative\"` | /dataschema uri",
                "`\"datacontenttype\":\"xyz\"` | /datacontenttype mediatype",
                "`\"Upper\":\"x\"` | /Upper name",
                "`\"a_b\":null` | /a_b name",
                "`\"a/b~\":1` | /a~1b~0 name",
                "`\"\":1` | / name",
                "`\"ä\":1` | ` name`",
                "`\"a name with spaces\":1` | ` name`",
                "`\"Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\":1` | ` name`",
                "`\"id\":\"2\"` | /id duplicate",
                "`\"x\":1,\"x\":1` | /x duplicate",
                "`\"x\":null,\"x\":1` | /x duplicate",
                "`\"\\u0069d\":\"2\"` | /id duplicate",
                "`\"x\":\"\\n\"` | /x control",
                "`\"x\":\"\\u0000\"` | /x control",
                "`\"x\":\"\\u007f\"` | /x control",
                "`\"x\":\"\\u009f\"` | /x control",
                "`\"x\":\"\\ud800\"` | /x control",
                "`\"x\":\"\\udc00\\ud800\"` | /x control",
                "`\"x\":\"\\ufffe\"` | /x control",
                "`\"x\":\"\\ufdd0\"` | /x control",
                "`\"x\":\"\\ud83f\\udfff\"` | /x control",
                "`\"data\":1,\"data\":1` | /data duplicate",
                "`\"data_base64\":\"\",\"data_base64\":\"\"` | /data_base64 duplicate",
                "`\"data\":1,\"data_base64\":\"AA==\"` | /data conflict",
                "`\"data_base64\":\"AA==\",\"data\":null` | /data conflict",
                "`\"data_base64\":1` | /data_base64 type",
                "`\"data_base64\":\"AA\"` | /data_base64 base64",
                "`\"data_base64\":\"A\"` | /data_base64 base64",
                "`\"data_base64\":\"AA=A\"` | /data_base64 base64",
                "`\"data_base64\":\"_-8=\"` | /data_base64 base64",
                "`\"data_base64\":\"AAAA\\nAAA\"` | /data_base64 base64",
                "`\"data_base64\":\"€€€€\"` | /data_base64 base64",
                "`\"datacontenttype\":\"text/plain\",\"data\":1` | /data type",
                "`\"data\":{},\"datacontenttype\":\"text/plain\"` | /data type",
                "`\"datacontenttype\":\"text/plain\",\"data\":null` | /data type",
                "`\"datacontenttype\":\"text/plain\",\"data\":\"\\ud800\"` | /data utf8",
            })
    void a_member_that_is_not_allowed_is_refused_by_name(String member, String fault) {
        assertThat(faults(() -> structured(json(member)))).containsExactly(fault);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "specversion | missing | ",
                "specversion | missing | null",
                "specversion | specversion | `\"0.3\"`",
                "specversion | specversion | `\"1\"`",
                "specversion | specversion | `\"1.0.0\"`",
                "specversion | range | 1.0",
                "specversion | empty | `\"\"`",
                "id | missing | ",
                "id | missing | null",
                "id | empty | `\"\"`",
                "id | type | 1",
                "id | type | {}",
                "type | missing | ",
                "type | empty | `\"\"`",
                "type | type | true",
                "source | missing | null",
                "source | empty | `\"\"`",
                "source | uri | `\"a b\"`",
                "source | uri | `\"/%zz\"`",
                "source | type | [1]",
            })
    void a_required_attribute_must_be_there_and_right(String name, String code, String value) {
        String member = value == null ? "" : "\"" + name + "\":" + value + ",";
        String body = "{" + member + REQUIRED.replaceAll("\"" + name + "\":\"[^\"]*\",?", "") + "}";
        assertThat(faults(() -> structured(body.replace(",}", "}")))).containsExactly("/" + name + " " + code);
    }

    @Test
    void all_faults_of_an_event_are_told_at_once() {
        assertThat(faults(() -> structured("{\"specversion\":\"1.0\",\"id\":\"\",\"time\":\"now\",\"X\":1}")))
                .containsExactly("/id empty", "/time time", "/X name", "/source missing", "/type missing");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`` | ` empty`",
                "`   ` | ` empty`",
                "[] | ` type`",
                "null | ` type`",
                "`\"x\"` | ` type`",
                "1 | ` type`",
                "{ | ` malformed`",
                "`{\"id\"` | ` malformed`",
                "`{\"id\":}` | ` malformed`",
                "`{\"id\":\"1\",}` | ` malformed`",
                "`{'id':1}` | ` malformed`",
                "`{id:1}` | ` malformed`",
                "`{\"x\":01}` | ` malformed`",
                "`{\"x\":+1}` | ` malformed`",
                "`{\"x\":.5}` | ` malformed`",
                "`{\"x\":NaN}` | ` malformed`",
                "`{\"x\":tru}` | ` malformed`",
                "`{\"x\":\"a\tb\"}` | ` malformed`",
                "`{\"x\":\"\\q\"}` | ` malformed`",
                "`{\"data\":{\"a\":\"\\u12\"}}` | ` malformed`",
                "`{\"data\":[1 2]}` | ` malformed`",
                "`{\"data\":{\"a\":1,}}` | ` malformed`",
                "`{\"data\":[1}}` | ` malformed`",
                "`{/* */}` | ` malformed`",
            })
    void what_is_not_one_json_object_is_refused(String body, String fault) {
        assertThat(faults(() -> structured(body))).containsExactly(fault);
    }

    @ParameterizedTest
    @ValueSource(strings = {"xxx", "{}", "]", "}", ",", "1", "null", "\"\""})
    void nothing_may_follow_the_event(String trailing) {
        assertThat(faults(() -> structured(json("") + " " + trailing))).containsExactly(" malformed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "80",
                "C0A0",
                "C1BF",
                "E080A0",
                "E09FBF",
                "EDA080",
                "EDBFBF",
                "F0808080",
                "F08FBFBF",
                "F4908080",
                "F5808080",
                "FF",
                "C3",
                "E282",
                "F09F98",
                "C328",
                "E228A1",
                "00"
            })
    void a_body_that_is_not_strict_utf_8_is_refused(String hex) {
        byte[] body = json("\"x\":\"@\"").getBytes(UTF_8);
        String bytes = HexFormat.of().withUpperCase().formatHex(body).replace("40", hex);
        assertThat(faults(() -> structured(HexFormat.of().parseHex(bytes)))).containsExactly(" utf8");
    }

    @Test
    void a_byte_order_mark_and_utf_16_are_refused() {
        assertThat(faults(() -> structured("\uFEFF" + json("")))).containsExactly(" utf8");
        assertThat(faults(() -> structured(json("").getBytes(UTF_16BE)))).containsExactly(" utf8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"C3A4", "DFBF", "E0A080", "ED9FBF", "EE8080", "F0908080", "F48FBFBD", "7E"})
    void the_edges_of_utf_8_are_taken(String hex) throws RejectedEvent {
        byte[] body = json("\"data\":\"@\"").getBytes(UTF_8);
        String bytes = HexFormat.of().withUpperCase().formatHex(body).replace("40", hex);
        assertThat(structured(HexFormat.of().parseHex(bytes)).dataKind()).isEqualTo(DataKind.JSON);
    }

    @ParameterizedTest
    @CsvSource({"63, true", "64, true", "65, false", "100000, false"})
    void data_may_be_nested_up_to_the_limit(int depth, boolean accepted) {
        String data = "[".repeat(depth) + "]".repeat(depth);
        assertThat(faults(() -> structured(json("\"data\":" + data))))
                .containsExactly(accepted ? "accepted" : " depth");
    }

    @Test
    void no_answer_repeats_what_was_in_the_body() {
        String secret = "s3cret-".repeat(20);
        RejectedEvent rejected = Messages.rejection(() -> structured(
                "{\"id\":\"\\n" + secret + "\",\"time\":\"" + secret + "\",\"" + secret + "\":1,\"data\":" + secret));
        assertThat(rejected.toString() + rejected.faults()).doesNotContain("s3cret");
    }
}
