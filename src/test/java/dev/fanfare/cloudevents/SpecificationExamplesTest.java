package dev.fanfare.cloudevents;

import static dev.fanfare.cloudevents.Messages.READER;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fanfare.cloudevents.EventWriter.BinaryMessage;
import dev.fanfare.cloudevents.WireEvent.DataKind;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of the CloudEvents specification and of its conformance project. */
class SpecificationExamplesTest {
    private static final String PLACEHOLDER = "... base64 encoded string ...";
    private static final String RAW = "...raw binary bytes...";

    @ParameterizedTest
    @CsvSource({
        "binary-data, BINARY",
        "xml-string, TEXT",
        "json-object, JSON",
        "json-number, JSON",
        "json-string-without-type, JSON",
        "binary-data-without-type, BINARY",
    })
    void an_example_says_the_same_in_both_modes(String name, DataKind kind) throws RejectedEvent, IOException {
        WireEvent structured = Messages.structured(json(name));
        WireEvent binary = binary(text(name + ".http"));
        assertThat(structured.dataKind()).isEqualTo(kind);
        assertThat(structured.subject()).isNull();
        assertThat(binary.id()).isEqualTo(structured.id());
        assertThat(binary.time()).isEqualTo(structured.time());
        assertThat(binary.extensions().keySet())
                .isEqualTo(structured.extensions().keySet());
        for (String extension : structured.extensions().keySet()) {
            assertThat(binary.attribute(extension)).isEqualTo(structured.attribute(extension));
        }
        if (kind == DataKind.JSON) {
            ObjectMapper mapper = new ObjectMapper();
            assertThat(mapper.readTree(binary.dataBytes())).isEqualTo(mapper.readTree(structured.dataBytes()));
        } else {
            assertThat(binary.content()).isEqualTo(structured.content());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"binary-data", "xml-string", "json-object", "json-number", "json-string-without-type"})
    void an_example_is_written_with_the_headers_of_the_example(String name) throws RejectedEvent, IOException {
        BinaryMessage message =
                EventWriter.binary(Messages.structured(json(name))).orElseThrow();
        assertThat(message.headers()).containsExactlyInAnyOrderElementsOf(headers(text(name + ".http")));
    }

    @Test
    void the_example_of_a_batch_is_read() throws RejectedEvent, IOException {
        List<WireEvent> events = Messages.batch(json("batch"));
        assertThat(events).extracting(WireEvent::id).containsExactly("B234-1234-1234", "C234-1234-1234");
        assertThat(events.get(0).dataBytes()).asString(UTF_8).isEqualTo(RAW);
    }

    @Test
    void the_events_of_the_conformance_project_go_through_both_modes() throws RejectedEvent, IOException {
        String[] messages = text("minimum.http").split("===\n");
        assertThat(messages).hasSize(6);
        for (String message : messages) {
            WireEvent event = binary(message);
            WireEvent again = Messages.structured(event.structured());
            assertThat(again.content()).isEqualTo(event.content());
            assertThat(again.dataBytes()).asString(UTF_8).isEqualTo(body(message));
        }
    }

    private static WireEvent binary(String message) throws RejectedEvent {
        return READER.read(headers(message), body(message).getBytes(UTF_8)).get(0);
    }

    private static List<Map.Entry<String, String>> headers(String message) {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (String line : message.substring(0, message.indexOf("\n\n")).split("\n")) {
            int colon = line.indexOf(':');
            String value = new String(line.substring(colon + 1).getBytes(UTF_8), ISO_8859_1);
            headers.add(Map.entry(line.substring(0, colon), value.strip()));
        }
        return headers;
    }

    private static String body(String message) {
        return message.substring(message.indexOf("\n\n") + 2).strip();
    }

    /** The specification writes a placeholder where base64 belongs. */
    private static String json(String name) throws IOException {
        String encoded = Base64.getEncoder().encodeToString(RAW.getBytes(UTF_8));
        return text(name + ".json").replace(PLACEHOLDER, encoded);
    }

    private static String text(String file) throws IOException {
        try (InputStream in = SpecificationExamplesTest.class.getResourceAsStream("/conformance/cloudevents/" + file)) {
            return new String(Objects.requireNonNull(in, file).readAllBytes(), UTF_8);
        }
    }
}
