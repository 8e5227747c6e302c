package dev.fanfare.cloudevents;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Extension attributes as a JSON object, the form in which they are stored: string, boolean and integer survive. */
final class Extensions {
    private static final JsonFactory JSON = new JsonFactory();

    private Extensions() {}

    static String toJson(SortedMap<String, Object> extensions) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            for (Map.Entry<String, Object> extension : extensions.entrySet()) {
                json.writeFieldName(extension.getKey());
                if (extension.getValue() instanceof Boolean value) {
                    json.writeBoolean(value);
                } else if (extension.getValue() instanceof Integer value) {
                    json.writeNumber(value);
                } else {
                    json.writeString((String) extension.getValue());
                }
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /** Reads what {@link #toJson} wrote; anything else is an IllegalArgumentException. */
    static SortedMap<String, Object> fromJson(String text) {
        SortedMap<String, Object> extensions = new TreeMap<>();
        try (JsonParser json = JSON.createParser(text)) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                extensions.put(
                        name,
                        switch (json.nextToken()) {
                            case VALUE_TRUE -> true;
                            case VALUE_FALSE -> false;
                            case VALUE_NUMBER_INT -> json.getIntValue();
                            case VALUE_STRING -> json.getText();
                            default -> throw new IllegalArgumentException("not a value of an extension: " + name);
                        });
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("not a JSON object of extensions", e);
        }
        return Collections.unmodifiableSortedMap(extensions);
    }
}
