package dev.fanfare.attempt;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/** The part of a response that is kept for people to look at. */
final class KeptResponse {

    static final int MOST_BODY_BYTES = 16 * 1024;
    static final int MOST_HEADERS = 50;
    static final int MOST_HEADER_BYTES = 8 * 1024;

    private static final byte[] NOTHING = new byte[0];

    private byte[] body = NOTHING;
    private int length;
    private byte[] headerLines = NOTHING;

    /** Keeps what there is room for; false when that was not all of it. */
    boolean take(Buffer chunk) {
        int room = MOST_BODY_BYTES - length;
        int taken = Math.min(room, chunk.length());
        if (length + taken > body.length) {
            body = Arrays.copyOf(body, Math.min(MOST_BODY_BYTES, Math.max(length + taken, 2 * body.length)));
        }
        chunk.getBytes(0, taken, body, length);
        length += taken;
        return chunk.length() <= room;
    }

    /** Keeps whole header lines; false when there are more than fit. */
    boolean take(MultiMap headers) {
        StringBuilder lines = new StringBuilder(256);
        int count = 0;
        boolean whole = true;
        for (Map.Entry<String, String> header : headers) {
            int size = header.getKey().length() + header.getValue().length() + 4;
            if (++count > MOST_HEADERS || lines.length() + size > MOST_HEADER_BYTES) {
                whole = false;
                break;
            }
            lines.append(header.getKey()).append(": ").append(header.getValue()).append("\r\n");
        }
        headerLines = lines.toString().getBytes(StandardCharsets.ISO_8859_1);
        return whole;
    }

    byte[] body() {
        return length == body.length ? body : Arrays.copyOf(body, length);
    }

    /** Lines as they came, each ended by CR LF, in ISO-8859-1. */
    byte[] headerLines() {
        return headerLines;
    }
}
