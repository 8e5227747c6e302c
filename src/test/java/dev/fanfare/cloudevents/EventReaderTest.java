package dev.fanfare.cloudevents;

import static dev.fanfare.cloudevents.Messages.BATCH;
import static dev.fanfare.cloudevents.Messages.READER;
import static dev.fanfare.cloudevents.Messages.STRUCTURED;
import static dev.fanfare.cloudevents.Messages.headers;
import static dev.fanfare.cloudevents.Messages.json;
import static dev.fanfare.cloudevents.Messages.rejection;
import static dev.fanfare.cloudevents.Messages.required;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.cloudevents.EventReader.Limits;
import dev.fanfare.cloudevents.RejectedEvent.Kind;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a message is recognized, and how large it may be: CloudEvents HTTP binding §3. */
class EventReaderTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/cloudevents+json",
                "Application/CloudEvents+JSON ; charset=UTF-8",
                "application/cloudevents+json;charset=\"utf-8\"",
                "application/cloudevents+json; charset=us-ascii",
                " application/cloudevents+json; profile=x ",
            })
    void structured_mode_is_recognized(String contentType) throws RejectedEvent {
        assertThat(READER.read(headers("CONTENT-TYPE", contentType), json("").getBytes(UTF_8)))
                .hasSize(1);
        assertThat(EventReader.isBatch(headers("CONTENT-TYPE", contentType))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/cloudevents-batch+json", "APPLICATION/CLOUDEVENTS-BATCH+JSON\t;charset=utf-8"})
    void batch_mode_is_recognized(String contentType) throws RejectedEvent {
        assertThat(READER.read(headers("content-type", contentType), "[]".getBytes(UTF_8)))
                .isEmpty();
        assertThat(EventReader.isBatch(headers("content-type", contentType))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/cloudevents",
                "application/cloudevents-batch",
                "application/cloudevents+avro",
                "application/cloudevents+xml",
                "application/cloudevents+protobuf",
                "application/cloudevents-batch+protobuf",
                "application/cloudevents+jsonx",
                "application/cloudevents+json; charset=iso-8859-1",
                "application/cloudevents-batch+json; charset=UTF-16",
            })
    void another_format_or_charset_is_unsupported_even_with_ce_headers(String contentType) {
        RejectedEvent rejected = rejection(() -> READER.read(required("content-type", contentType), new byte[0]));
        assertThat(rejected.kind()).isEqualTo(Kind.UNSUPPORTED_MEDIA_TYPE);
        assertThat(rejected.faults()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "text/plain", "xyz", "", "application/cloudevents+json; charset"})
    void what_carries_no_cloud_event_is_unsupported(String contentType) {
        RejectedEvent rejected =
                rejection(() -> READER.read(headers("content-type", contentType, "x-ce-id", "1"), new byte[0]));
        assertThat(rejected.kind()).isEqualTo(Kind.UNSUPPORTED_MEDIA_TYPE);
    }

    @Test
    void no_headers_at_all_are_unsupported() {
        assertThat(rejection(() -> READER.read(List.of(), new byte[0])).kind()).isEqualTo(Kind.UNSUPPORTED_MEDIA_TYPE);
    }

    @ParameterizedTest
    @CsvSource({"gzip, false", "'identity, gzip', false", "identity, true", "'', true", "' Identity ', true"})
    void coded_bodies_are_unsupported(String coding, boolean accepted) {
        RejectedEvent rejected = rejection(() ->
                READER.read(headers("content-type", STRUCTURED, "Content-Encoding", coding), json("").getBytes(UTF_8)));
        assertThat(rejected == null).isEqualTo(accepted);
        if (rejected != null) {
            assertThat(rejected.kind()).isEqualTo(Kind.UNSUPPORTED_ENCODING);
        }
    }

    @Test
    void the_payload_of_a_structured_message_wins_over_its_ce_headers() throws RejectedEvent {
        List<Map.Entry<String, String>> headers = headers("content-type", STRUCTURED, "ce-id", "other", "ce-data", "");
        assertThat(READER.read(headers, json("").getBytes(UTF_8)).get(0).id()).isEqualTo("1");
    }

    @Test
    void two_content_types_are_refused() {
        RejectedEvent rejected = rejection(() ->
                READER.read(headers("content-type", STRUCTURED, "content-type", BATCH), json("").getBytes(UTF_8)));
        assertThat(rejected.kind()).isEqualTo(Kind.MALFORMED);
        rejected = rejection(() -> READER.read(
                headers("content-type", "text/plain", "content-type", STRUCTURED), json("").getBytes(UTF_8)));
        assertThat(rejected).isNotNull();
    }

    @Test
    void a_structured_event_may_be_as_large_as_the_limit() throws RejectedEvent {
        byte[] body = json("").getBytes(UTF_8);
        assertThat(reader(body.length, 1).read(headers("content-type", STRUCTURED), body))
                .hasSize(1);
        RejectedEvent rejected =
                rejection(() -> reader(body.length - 1, 1).read(headers("content-type", STRUCTURED), body));
        assertThat(rejected.kind()).isEqualTo(Kind.TOO_LARGE);
    }

    @Test
    void a_binary_event_is_its_header_block_and_body() throws RejectedEvent {
        List<Map.Entry<String, String>> headers = required();
        int block = headers.stream()
                .mapToInt(header -> (header.getKey() + ": " + header.getValue() + "\r\n").length())
                .sum();
        byte[] body = new byte[100];
        assertThat(reader(block + 100, 1).bodyLimit(headers)).isEqualTo(100);
        assertThat(reader(block + 100, 1).read(headers, body)).hasSize(1);
        RejectedEvent rejected = rejection(() -> reader(block + 99, 1).read(headers, body));
        assertThat(rejected.kind()).isEqualTo(Kind.TOO_LARGE);
    }

    @Test
    void a_batch_has_its_own_limit() throws RejectedEvent {
        byte[] body = "[ ]".getBytes(UTF_8);
        assertThat(reader(1, 3).read(headers("content-type", BATCH), body)).isEmpty();
        assertThat(rejection(() -> reader(1, 2).read(headers("content-type", BATCH), body))
                        .kind())
                .isEqualTo(Kind.TOO_LARGE);
    }

    @Test
    void the_body_limit_is_known_before_the_body() throws RejectedEvent {
        assertThat(reader(10, 20).bodyLimit(headers("content-type", STRUCTURED)))
                .isEqualTo(10);
        assertThat(reader(10, 20).bodyLimit(headers("content-type", BATCH))).isEqualTo(20);
        assertThat(rejection(() -> READER.bodyLimit(headers("content-type", "text/plain")))
                        .kind())
                .isEqualTo(Kind.UNSUPPORTED_MEDIA_TYPE);
    }

    private static EventReader reader(int eventBytes, int batchBytes) {
        return new EventReader(new Limits(eventBytes, batchBytes, 10, 4));
    }
}
