package dev.fanfare.cloudevents;

import dev.fanfare.cloudevents.WireEvent.DataKind;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads binary content mode: CloudEvents HTTP binding §3.1. */
final class BinaryMode {
    private static final String CONTENT_TYPE = "datacontenttype";

    private final StrictJson dataJson;

    BinaryMode(StrictJson dataJson) {
        this.dataJson = dataJson;
    }

    WireEvent read(MessageHead head, byte[] body) throws RejectedEvent {
        Faults faults = new Faults();
        EventDraft draft = new EventDraft(faults, "", true);
        for (String contentType : head.contentTypes()) {
            if (draft.claim(CONTENT_TYPE)) {
                draft.set(CONTENT_TYPE, contentType);
            }
        }
        for (Map.Entry<String, String> header : head.attributes()) {
            attribute(draft, header.getKey(), header.getValue());
        }
        if (!draft.isWhole()) {
            throw faults.rejection();
        }
        return draft.build(kind(draft.mediaType(), body), body);
    }

    private static void attribute(EventDraft draft, String name, String raw) {
        if (name.equals(CONTENT_TYPE)) {
            draft.flaw(name, Flaw.RESERVED);
            return;
        }
        if (!draft.claim(name)) {
            return;
        }
        String value = HeaderValue.decode(raw);
        if (value == null) {
            draft.flaw(name, Flaw.UTF8);
        } else {
            draft.set(name, value);
        }
    }

    private DataKind kind(@Nullable MediaType mediaType, byte[] body) {
        if (body.length == 0) {
            return DataKind.NONE;
        }
        if (mediaType == null) {
            return DataKind.BINARY;
        }
        if (mediaType.isJson()) {
            return dataJson.isValue(body) ? DataKind.JSON : DataKind.BINARY;
        }
        return mediaType.isText() && mediaType.isUtf8() && Utf8.isValid(body) ? DataKind.TEXT : DataKind.BINARY;
    }
}
