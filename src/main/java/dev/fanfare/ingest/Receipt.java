package dev.fanfare.ingest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.fanfare.platform.TypeId;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;

/** The body of a 202, in the order in which the events came. */
final class Receipt {
    private static final JsonFactory JSON = new JsonFactory();

    private Receipt() {}

    static String of(List<Accepted> events) {
        StringWriter text = new StringWriter(64 + 160 * events.size());
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeArrayFieldStart("accepted");
            for (Accepted event : events) {
                json.writeStartObject();
                json.writeStringField("event", TypeId.format("evt", event.event()));
                json.writeStringField("id", event.id());
                json.writeStringField("source", event.source());
                json.writeBooleanField("duplicate", event.duplicate());
                if (event.same() == null) {
                    json.writeNumberField("deliveries", event.deliveries().size());
                } else {
                    json.writeBooleanField("same", event.same());
                }
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return text.toString();
    }
}
