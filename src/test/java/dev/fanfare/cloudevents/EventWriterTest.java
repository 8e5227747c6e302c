package dev.fanfare.cloudevents;

import static dev.fanfare.cloudevents.Messages.binary;
import static dev.fanfare.cloudevents.Messages.json;
import static dev.fanfare.cloudevents.Messages.structured;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.cloudevents.EventWriter.BinaryMessage;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventWriterTest {
    @Test
    void attributes_are_written_in_one_order_and_unset_ones_not_at_all() throws RejectedEvent {
        WireEvent event = structured("""
                { "data" : [1.0 ] , "zz":true, "dataschema":"urn:d", "time":"2018-04-05T17:31:00.10Z", "b":"\\u00e4\\"\\\\",
                "unset":null, "subject":"s","type":"t", "a":-5,"source":"/s","id":"1","specversion":"1.0"}
                """);
        assertThat(event.structured()).asString(UTF_8).isEqualTo("""
                {"specversion":"1.0","id":"1","source":"/s","type":"t","subject":"s","time":"2018-04-05T17:31:00.10Z",\
                "dataschema":"urn:d","a":-5,"b":"ä\\"\\\\","zz":true,"data":[1.0 ]}""");
        assertThat(event.structured()).isSameAs(event.structured());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "application/json | {} | `\"data\":{}`",
                "application/json | `1,\"type\":\"forged\"` | `\"data_base64\":\"MSwidHlwZSI6ImZvcmdlZCI=\"`",
                "text/plain | a\"b | `\"data\":\"a\\\"b\"`",
                "text/plain; charset=latin1 | a | `\"data_base64\":\"YQ==\"`",
                "application/octet-stream | a | `\"data_base64\":\"YQ==\"`",
            })
    void only_validated_json_is_spliced(String contentType, String body, String member) throws RejectedEvent {
        WireEvent event = binary(body.getBytes(UTF_8), "content-type", contentType);
        assertThat(event.structured()).asString(UTF_8).endsWith("," + member + "}");
        assertThat(structured(event.structured()).type()).isEqualTo("t");
    }

    @Test
    void an_event_without_data_has_no_data_member() throws RejectedEvent {
        assertThat(structured(json("")).structured()).asString(UTF_8).isEqualTo(json(""));
    }

    @Test
    void binary_mode_encodes_values_and_names_the_content_type_of_implied_json() throws RejectedEvent {
        WireEvent event = structured(json("""
                "subject":"Euro € \\"😀\\" 100%","z":true,"a":-1,"empty":"","data":{"x":1.0}"""));
        BinaryMessage message = EventWriter.binary(event).orElseThrow();
        assertThat(message.headers())
                .containsExactly(
                        Map.entry("ce-specversion", "1.0"),
                        Map.entry("ce-id", "1"),
                        Map.entry("ce-source", "/s"),
                        Map.entry("ce-type", "t"),
                        Map.entry("ce-subject", "Euro%20%E2%82%AC%20%22%F0%9F%98%80%22%20100%25"),
                        Map.entry("ce-a", "-1"),
                        Map.entry("ce-empty", ""),
                        Map.entry("ce-z", "true"),
                        Map.entry("content-type", "application/json"));
        assertThat(message.body()).asString(UTF_8).isEqualTo("{\"x\":1.0}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\"datacontenttype\":\"application/json\"",
                "\"data_base64\":\"AA==\"",
                "\"data_base64\":\"\",\"datacontenttype\":\"a/b\"",
                "\"data\":\"\",\"datacontenttype\":\"text/plain\"",
                "\"data\":\"ä\",\"datacontenttype\":\"text/plain; charset=iso-8859-1\"",
            })
    void what_binary_mode_cannot_say_to_a_webhook_is_left_to_structured_mode(String members) throws RejectedEvent {
        assertThat(EventWriter.binary(structured(json(members)))).isEmpty();
    }

    @Test
    void no_header_can_be_broken_out_of() throws RejectedEvent {
        WireEvent event = binary(
                "x".getBytes(UTF_8), "content-type", "a/b;c=\"d\\\"e\"", "ce-x", "%25%0a".replace("%0a", "250d%C2%A0"));
        for (Map.Entry<String, String> header :
                EventWriter.binary(event).orElseThrow().headers()) {
            assertThat(header.getValue()).matches("[ -~]*");
        }
    }
}
