package dev.fanfare.cloudevents;

import dev.fanfare.cloudevents.RejectedEvent.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the headers say about a message.
 *
 * @param contentTypes every {@code Content-Type} that came
 * @param attributes headers with the prefix {@code ce-}, without it, in lower case
 * @param contentCoding whether the body is compressed or otherwise coded
 * @param bytes size of the header block on the wire
 */
record MessageHead(
        List<String> contentTypes, List<Map.Entry<String, String>> attributes, boolean contentCoding, int bytes) {
    /** CloudEvents HTTP binding §3. */
    enum Mode {
        STRUCTURED,
        BATCH,
        BINARY
    }

    private static final String PREFIX = "ce-";
    private static final int COLON_SPACE_AND_LINE_END = 4;

    static MessageHead of(Iterable<Map.Entry<String, String>> headers) {
        List<String> contentTypes = new ArrayList<>(1);
        List<Map.Entry<String, String>> attributes = new ArrayList<>();
        boolean contentCoding = false;
        int bytes = 0;
        for (Map.Entry<String, String> header : headers) {
            String name = header.getKey();
            String value = header.getValue();
            bytes += name.length() + value.length() + COLON_SPACE_AND_LINE_END;
            if (name.regionMatches(true, 0, PREFIX, 0, PREFIX.length())) {
                attributes.add(Map.entry(name.substring(PREFIX.length()).toLowerCase(Locale.ROOT), value));
            } else if (name.equalsIgnoreCase("content-type")) {
                contentTypes.add(HeaderValue.trim(value));
            } else if (name.equalsIgnoreCase("content-encoding")) {
                contentCoding |= !value.isBlank() && !HeaderValue.trim(value).equalsIgnoreCase("identity");
            }
        }
        return new MessageHead(contentTypes, attributes, contentCoding, bytes);
    }

    /** How the event is carried; rejects what carries none, or in a format that is not JSON. */
    Mode mode() throws RejectedEvent {
        if (contentCoding) {
            throw Faults.rejection(Kind.UNSUPPORTED_ENCODING, "", Flaw.ENCODING, "the body");
        }
        MediaType mediaType = contentTypes.isEmpty() ? null : MediaType.parse(contentTypes.get(0));
        Mode mode = mediaType == null ? null : declared(mediaType);
        if (mode != null && contentTypes.size() > 1) {
            throw Faults.rejection(Kind.MALFORMED, "", Flaw.DUPLICATE, "Content-Type");
        }
        if (mode != null) {
            return mode;
        }
        if (attributes.isEmpty()) {
            throw unsupported(Flaw.FORMAT);
        }
        return Mode.BINARY;
    }

    /** The binding matches the prefix, so an unknown format is not taken for data in binary mode. */
    private static @Nullable Mode declared(MediaType mediaType) throws RejectedEvent {
        if (!mediaType.type().equals("application") || !mediaType.subtype().startsWith("cloudevents")) {
            return null;
        }
        Mode mode =
                switch (mediaType.subtype()) {
                    case "cloudevents+json" -> Mode.STRUCTURED;
                    case "cloudevents-batch+json" -> Mode.BATCH;
                    default -> throw unsupported(Flaw.FORMAT);
                };
        if (!mediaType.isUtf8()) {
            throw unsupported(Flaw.CHARSET);
        }
        return mode;
    }

    private static RejectedEvent unsupported(Flaw flaw) {
        return Faults.rejection(Kind.UNSUPPORTED_MEDIA_TYPE, "", flaw, "the message");
    }
}
