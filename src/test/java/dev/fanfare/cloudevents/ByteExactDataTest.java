package dev.fanfare.cloudevents;

import static dev.fanfare.cloudevents.Messages.BATCH;
import static dev.fanfare.cloudevents.Messages.READER;
import static dev.fanfare.cloudevents.Messages.binary;
import static dev.fanfare.cloudevents.Messages.headers;
import static dev.fanfare.cloudevents.Messages.json;
import static dev.fanfare.cloudevents.Messages.structured;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.cloudevents.EventWriter.BinaryMessage;
import dev.fanfare.cloudevents.WireEvent.DataKind;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes of data that come in are those that go out, through storage and in each mode. */
class ByteExactDataTest {
    static List<String> jsonValues() {
        return List.of(
                "null",
                "true",
                "false",
                "0",
                "-0",
                "1.10",
                "1e2",
                "-1.5E+10",
                "12345678901234567890.12345",
                "1234567890".repeat(200),
                "0." + "3".repeat(3000),
                "\"\"",
                "\"text\"",
                "\"\\u00e4 ä \\\"q\\\" \\\\ \\/ 😀\"",
                "\"\\ud800 lone\"",
                "\"\\u0000\"",
                "\"" + "long ä ".repeat(3000) + "\"",
                "[]",
                "{}",
                "[ ]",
                "{ }",
                "[1 ,\t2\r\n, 3]",
                "{\"a\" : 1.0 , \"a\":2}",
                "{\"data\":{\"id\":\"2\"},\"\":[[[{}]]]}",
                "{\n  \"ä\": \"€\",\n  \"x\": [true, false, null]\n}",
                "[" + "0.10,".repeat(3000) + "0.10]");
    }

    @ParameterizedTest
    @MethodSource("jsonValues")
    void json_stays_as_it_is_wherever_the_member_stands(String value) throws RejectedEvent {
        for (String body : List.of(
                json("\"data\":" + value),
                json("\"data\" \t\n:\r\n  " + value + " \t"),
                json("\"data\":" + value + ",\"x\":\"after\""),
                json("\"data\":\n" + value + "\n\n ,\"datacontenttype\":\"application/vnd.x+json\""),
                "{\"data\":" + value + "," + Messages.REQUIRED + "}",
                "\n\n {\"subject\":\"ä€😀\",\"data\":" + value + "\t,\n" + Messages.REQUIRED + " } \n")) {
            goesThrough(structured(body), DataKind.JSON, value);
        }
    }

    @ParameterizedTest
    @MethodSource("jsonValues")
    void json_of_each_element_of_a_batch_stays_as_it_is(String value) throws RejectedEvent {
        String element = json("\"subject\":\"ä€😀\", \"data\": " + value + " ");
        byte[] body = ("\t[ " + element + "\n,\n" + element + ", {\"data\":" + value + "," + Messages.REQUIRED + "}]")
                .getBytes(UTF_8);
        List<WireEvent> events = READER.read(headers("content-type", BATCH), body);
        assertThat(events).hasSize(3);
        for (WireEvent event : events) {
            goesThrough(event, DataKind.JSON, value);
        }
    }

    @ParameterizedTest
    @MethodSource("jsonValues")
    void a_json_body_of_binary_mode_stays_as_it_is(String value) throws RejectedEvent {
        goesThrough(binary(value.getBytes(UTF_8), "content-type", "application/json"), DataKind.JSON, value);
    }

    @Test
    void whitespace_around_a_json_body_is_sent_as_it_came() throws RejectedEvent {
        byte[] body = " \n{ }\r\n\t".getBytes(UTF_8);
        WireEvent event = binary(body, "content-type", "application/json");
        assertThat(event.structured()).asString(UTF_8).endsWith("\"data\": \n{ }\r\n\t}");
        assertThat(EventWriter.binary(event).orElseThrow().body()).isEqualTo(body);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"<much wow=\"xml\"/>", "tab\t, \\ and \u0000 \u007f", "ä€😀", "1", "{}", "\"quoted\"", "\u2028"})
    void text_stays_as_it_is(String text) throws RejectedEvent {
        WireEvent event = binary(text.getBytes(UTF_8), "content-type", "text/plain");
        goesThrough(event, DataKind.TEXT, text);
        goesThrough(structured(event.structured()), DataKind.TEXT, text);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 255, 256, 70_000})
    void bytes_stay_as_they_are(int length) throws RejectedEvent {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (255 - i);
        }
        WireEvent event = structured(json("\"datacontenttype\":\"application/octet-stream\",\"data_base64\":\""
                + Base64.getEncoder().encodeToString(bytes) + "\""));
        goesThrough(event, bytes);
        goesThrough(binary(bytes, "content-type", "application/octet-stream"), bytes);
        goesThrough(binary(bytes, "content-type", "application/json"), bytes);
    }

    private static void goesThrough(WireEvent event, DataKind kind, String data) throws RejectedEvent {
        assertThat(event.dataKind()).isEqualTo(kind);
        goesThrough(event, data.getBytes(UTF_8));
    }

    private static void goesThrough(WireEvent event, byte[] data) throws RejectedEvent {
        assertThat(event.dataBytes()).isEqualTo(data);
        WireEvent stored = stored(event);
        assertThat(stored.structured()).isEqualTo(event.structured());
        assertThat(stored.content()).isEqualTo(event.content());
        WireEvent again = structured(stored.structured());
        assertThat(again.dataBytes()).isEqualTo(data);
        assertThat(again.dataKind()).isEqualTo(event.dataKind());
        assertThat(again.structured()).isEqualTo(event.structured());
        BinaryMessage message = EventWriter.binary(stored).orElseThrow();
        assertThat(message.body()).isEqualTo(data);
        WireEvent read = READER.read(message.headers(), message.body()).get(0);
        assertThat(read.dataBytes()).isEqualTo(data);
        assertThat(read.content()).isEqualTo(event.content());
    }

    private static WireEvent stored(WireEvent event) {
        return WireEvent.stored(
                event.id(),
                event.source(),
                event.type(),
                event.subject(),
                event.time(),
                event.datacontenttype(),
                event.dataschema(),
                event.extensionsJson(),
                event.dataKind(),
                event.dataKind() == DataKind.NONE ? null : event.dataBytes());
    }
}
