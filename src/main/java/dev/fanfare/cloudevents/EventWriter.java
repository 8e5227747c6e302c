package dev.fanfare.cloudevents;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.fanfare.cloudevents.WireEvent.DataKind;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes the wire forms that receivers get; the same event always gives the same bytes. */
public final class EventWriter {
    /** Content type of {@link #structured}. */
    public static final String STRUCTURED_CONTENT_TYPE = "application/cloudevents+json; charset=utf-8";

    private static final JsonStringEncoder ENCODER = JsonStringEncoder.getInstance();
    private static final int ENVELOPE_BYTES = 512;
    private static final List<String> ORDER =
            List.of("specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema");

    private EventWriter() {}

    /**
     * An event in binary content mode.
     *
     * @param headers {@code ce-*} and {@code content-type}, names in lower case, values in ASCII
     * @param body the data itself, not a copy
     */
    @SuppressWarnings("ArrayRecordComponent") // sent, never compared
    public record BinaryMessage(List<Map.Entry<String, String>> headers, byte[] body) {}

    /** CloudEvents JSON format §3: core attributes in fixed order, extensions by name, data last. */
    static byte[] structured(WireEvent event) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(ENVELOPE_BYTES + event.dataBytes().length * 4 / 3);
        char separator = '{';
        for (String name : ORDER) {
            String value = event.attribute(name);
            if (value != null) {
                member(out, separator, name);
                string(out, value);
                separator = ',';
            }
        }
        event.extensions().forEach((name, value) -> {
            member(out, ',', name);
            if (value instanceof String text) {
                string(out, text);
            } else {
                out.writeBytes(value.toString().getBytes(StandardCharsets.US_ASCII));
            }
        });
        data(out, event);
        out.write('}');
        return out.toByteArray();
    }

    /**
     * CloudEvents HTTP binding §3.1. Empty where binary mode cannot say the event to a webhook, which must have payload
     * and content type (CloudEvents webhook §2.1): without data, with empty data, with data of unknown type, and with
     * text that came as a JSON string but declares a charset other than UTF-8. Send {@link WireEvent#structured()} then.
     */
    public static Optional<BinaryMessage> binary(WireEvent event) {
        String contentType = contentType(event);
        if (contentType == null || event.dataBytes().length == 0) {
            return Optional.empty();
        }
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (String name : ORDER) {
            String value = event.attribute(name);
            if (value != null && !name.equals("datacontenttype")) {
                headers.add(Map.entry("ce-" + name, HeaderValue.encode(value)));
            }
        }
        event.extensions()
                .forEach((name, value) -> headers.add(Map.entry("ce-" + name, HeaderValue.encode(value.toString()))));
        headers.add(Map.entry("content-type", contentType));
        return Optional.of(new BinaryMessage(List.copyOf(headers), event.dataBytes()));
    }

    private static @Nullable String contentType(WireEvent event) {
        String declared = event.datacontenttype();
        if (declared == null) {
            return event.dataKind() == DataKind.JSON ? "application/json" : null;
        }
        if (event.dataKind() == DataKind.TEXT) {
            MediaType mediaType = MediaType.parse(declared);
            return mediaType != null && mediaType.isUtf8() ? declared : null;
        }
        return declared;
    }

    private static void data(ByteArrayOutputStream out, WireEvent event) {
        switch (event.dataKind()) {
            case NONE -> {}
            case JSON -> {
                member(out, ',', "data");
                out.writeBytes(event.dataBytes());
            }
            case TEXT -> {
                member(out, ',', "data");
                string(out, new String(event.dataBytes(), StandardCharsets.UTF_8));
            }
            case BINARY -> {
                member(out, ',', "data_base64");
                out.write('"');
                out.writeBytes(Base64.getEncoder().encode(event.dataBytes()));
                out.write('"');
            }
        }
    }

    private static void member(ByteArrayOutputStream out, char separator, String name) {
        out.write(separator);
        string(out, name);
        out.write(':');
    }

    private static void string(ByteArrayOutputStream out, String value) {
        out.write('"');
        out.writeBytes(ENCODER.quoteAsUTF8(value));
        out.write('"');
    }
}
