package dev.fanfare.cloudevents;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.fanfare.cloudevents.WireEvent.DataKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The members {@code data} and {@code data_base64} of one JSON event: CloudEvents JSON format §3.1.2. What {@code data}
 * means depends on datacontenttype, which may come behind it; until then it is a slice of the body.
 */
final class JsonData {
    private static final String VALUE = "data";
    private static final String BASE64 = "data_base64";
    private static final byte[] NOTHING = {};

    private final EventDraft draft;
    private final byte[] body;
    private boolean valueSeen;
    private boolean base64Seen;
    private int start;
    private int end;
    private @Nullable String text;
    private byte @Nullable [] decoded;

    JsonData(EventDraft draft, byte[] body) {
        this.draft = draft;
        this.body = body;
    }

    void readValue(JsonParser json) throws IOException {
        if (valueSeen) {
            draft.flaw(VALUE, Flaw.DUPLICATE);
            return;
        }
        valueSeen = true;
        start = (int) json.currentTokenLocation().getByteOffset();
        if (json.currentToken() == JsonToken.VALUE_STRING) {
            text = json.getText();
        }
        json.skipChildren();
        end = (int) json.currentLocation().getByteOffset();
    }

    void readBase64(JsonParser json) throws IOException {
        if (base64Seen) {
            draft.flaw(BASE64, Flaw.DUPLICATE);
            return;
        }
        base64Seen = true;
        if (json.currentToken() == JsonToken.VALUE_STRING) {
            decoded = decode(json.getText());
        } else if (json.currentToken() != JsonToken.VALUE_NULL) {
            draft.flaw(BASE64, Flaw.TYPE);
        }
    }

    /** Records what only the whole event shows. */
    void check() {
        if (valueSeen && decoded != null) {
            draft.flaw(VALUE, Flaw.CONFLICT);
        } else if (valueSeen && !isJson()) {
            if (text == null) {
                draft.flaw(VALUE, Flaw.TYPE);
            } else {
                decoded = encode(text);
            }
        }
    }

    DataKind kind() {
        if (!valueSeen) {
            return decoded == null ? DataKind.NONE : DataKind.BINARY;
        }
        return isJson() ? DataKind.JSON : DataKind.TEXT;
    }

    byte[] bytes() {
        if (decoded != null) {
            return decoded;
        }
        return valueSeen ? Arrays.copyOfRange(body, start, end) : NOTHING;
    }

    private boolean isJson() {
        MediaType mediaType = draft.mediaType();
        return mediaType == null || mediaType.isJson();
    }

    /** RFC 4648 §4; Java's decoder would do without padding. */
    private byte @Nullable [] decode(String base64) {
        try {
            if (base64.length() % 4 == 0) {
                return Base64.getDecoder().decode(base64);
            }
        } catch (IllegalArgumentException e) {
            // The same fault as a length that padding would have completed.
        }
        draft.flaw(BASE64, Flaw.BASE64);
        return null;
    }

    /** A JSON string can hold lone surrogates, UTF-8 cannot. */
    private byte @Nullable [] encode(String value) {
        if (StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
            return value.getBytes(StandardCharsets.UTF_8);
        }
        draft.flaw(VALUE, Flaw.UTF8);
        return null;
    }
}
