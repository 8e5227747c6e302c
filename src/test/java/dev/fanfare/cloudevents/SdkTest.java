package dev.fanfare.cloudevents;

import static dev.fanfare.cloudevents.Messages.READER;
import static dev.fanfare.cloudevents.Messages.headers;
import static dev.fanfare.cloudevents.Messages.json;
import static dev.fanfare.cloudevents.Messages.structured;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.cloudevents.EventWriter.BinaryMessage;
import io.cloudevents.CloudEvent;
import io.cloudevents.SpecVersion;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.message.MessageReader;
import io.cloudevents.core.provider.EventFormatProvider;
import io.cloudevents.http.HttpMessageFactory;
import io.cloudevents.jackson.JsonFormat;
import java.net.URI;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What the CloudEvents SDK for Java writes is read here, what is written here it reads, and it knows the model. */
class SdkTest {
    private static final CloudEvent EVENT = CloudEventBuilder.v1()
            .withId("A 1 €")
            .withSource(URI.create("https://github.com/cloudevents/spec"))
            .withType("com.example.someevent")
            .withSubject("sub")
            .withTime(OffsetDateTime.parse("2018-04-05T17:31:00.5+02:00"))
            .withDataSchema(URI.create("https://example.com/schema"))
            .withExtension("flag", true)
            .withExtension("count", 5)
            .withExtension("note", "ü")
            .withData("application/json", "{\"a\":[1,2]}".getBytes(UTF_8))
            .build();

    @Test
    void its_structured_messages_are_read() throws RejectedEvent {
        byte[] body = Objects.requireNonNull(EventFormatProvider.getInstance().resolveFormat(JsonFormat.CONTENT_TYPE))
                .serialize(EVENT);
        isTheEvent(
                READER.read(headers("content-type", JsonFormat.CONTENT_TYPE), body)
                        .get(0),
                true,
                5);
    }

    @Test
    void its_binary_messages_are_read() throws RejectedEvent {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        List<byte[]> body = new ArrayList<>();
        HttpMessageFactory.createWriter((name, value) -> headers.add(Map.entry(name, latin1(value))), body::add)
                .writeBinary(EVENT);
        isTheEvent(READER.read(headers, body.get(0)).get(0), "true", "5");
    }

    @Test
    void it_reads_what_is_written_in_structured_mode() throws RejectedEvent {
        byte[] body =
                structured(json("\"subject\":\"ä\",\"n\":5,\"data\":[1,2]")).structured();
        CloudEvent event = HttpMessageFactory.createReader(
                        Map.of("content-type", EventWriter.STRUCTURED_CONTENT_TYPE), body)
                .toEvent();
        assertThat(event.getSubject()).isEqualTo("ä");
        assertThat(event.getExtension("n")).isEqualTo(5);
        assertThat(Objects.requireNonNull(event.getData()).toBytes())
                .asString(UTF_8)
                .isEqualTo("[1,2]");
    }

    @Test
    void it_reads_what_is_written_in_binary_mode() throws RejectedEvent {
        BinaryMessage message =
                EventWriter.binary(structured(json("\"n\":5,\"data\":[1, 2]"))).orElseThrow();
        MessageReader reader = HttpMessageFactory.createReader(
                add -> message.headers().forEach(header -> add.accept(header.getKey(), header.getValue())),
                message.body());
        CloudEvent event = reader.toEvent();
        assertThat(event.getId()).isEqualTo("1");
        assertThat(event.getExtension("n")).isEqualTo("5");
        assertThat(event.getDataContentType()).isEqualTo("application/json");
        assertThat(Objects.requireNonNull(event.getData()).toBytes())
                .asString(UTF_8)
                .isEqualTo("[1, 2]");
    }

    @Test
    void an_event_is_one_of_its_model() throws RejectedEvent {
        WireEvent event =
                structured(json("\"n\":5,\"time\":\"2018-04-05T17:31:00Z\",\"dataschema\":\"urn:x\",\"data\":{}"));
        CloudEvent copy = CloudEventBuilder.v1(event).build();
        assertThat(copy.getAttributeNames())
                .isEqualTo(event.getAttributeNames())
                .containsExactlyInAnyOrder("specversion", "id", "source", "type", "time", "dataschema");
        assertThat(copy.getExtensionNames())
                .isEqualTo(event.getExtensionNames())
                .containsExactly("n");
        for (String name : copy.getAttributeNames()) {
            assertThat(event.getAttribute(name)).isEqualTo(copy.getAttribute(name));
        }
        assertThat(event.getSpecVersion()).isEqualTo(SpecVersion.V1);
        assertThat(event.getExtension("n")).isEqualTo(5);
        assertThat(event.getExtension("none")).isNull();
        assertThat(structured(json("")).getData()).isNull();
        assertThat(structured(json("")).getTime()).isNull();
        assertThatThrownBy(() -> event.getAttribute("n")).isInstanceOf(IllegalArgumentException.class);
    }

    private static void isTheEvent(WireEvent event, Object flag, Object count) {
        assertThat(event.getId()).isEqualTo(EVENT.getId());
        assertThat(event.getSource()).isEqualTo(EVENT.getSource());
        assertThat(event.getType()).isEqualTo(EVENT.getType());
        assertThat(event.getSubject()).isEqualTo(EVENT.getSubject());
        assertThat(event.getTime()).isEqualTo(EVENT.getTime());
        assertThat(event.getDataSchema()).isEqualTo(EVENT.getDataSchema());
        assertThat(event.getDataContentType()).isEqualTo("application/json");
        assertThat(event.extensions()).isEqualTo(Map.of("flag", flag, "count", count, "note", "ü"));
        assertThat(Objects.requireNonNull(event.getData()).toBytes())
                .asString(UTF_8)
                .isEqualTo("{\"a\":[1,2]}");
    }

    /** Its clients send the bytes of UTF-8, which a server hands over as ISO-8859-1. */
    private static String latin1(String value) {
        return new String(value.getBytes(UTF_8), ISO_8859_1);
    }
}
