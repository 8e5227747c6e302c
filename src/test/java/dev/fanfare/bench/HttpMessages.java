package dev.fanfare.bench;

import java.util.Arrays;

/**
 * The bytes of one connection, cut into HTTP/1.1 messages that state their content-length. As little work as possible:
 * what the benchmark itself burns, the server under test does not get.
 */
final class HttpMessages {
    private byte[] bytes = new byte[0];
    private int length;
    private int start;
    private int bodyStart;
    private int end;

    /** Takes what was read from the connection; the array becomes part of this object. */
    void add(byte[] read) {
        if (end == length) { // nothing is left of what came before: not to be kept, whoever asks for one message a read
            bytes = read;
            length = read.length;
            start = 0;
            end = 0;
            return;
        }
        bytes = Arrays.copyOf(bytes, length + read.length);
        System.arraycopy(read, 0, bytes, length, read.length);
        length += read.length;
    }

    /** Moves to the next message; false when it has not come whole yet. */
    boolean next() {
        start = end;
        bodyStart = 0;
        int contentLength = -1;
        int line = start;
        for (int i = start; i < length; i++) {
            if (bytes[i] != '\n') {
                continue;
            }
            if (i - line <= 1) {
                bodyStart = i + 1;
                break;
            }
            if (bytes[line] == 'c' || bytes[line] == 'C') {
                contentLength = Math.max(contentLength, contentLength(line, i));
            }
            line = i + 1;
        }
        if (bodyStart == 0 || bodyStart + contentLength > length) {
            keepTheRest();
            return false;
        }
        if (contentLength < 0) {
            throw new IllegalStateException("A message without content-length: " + new String(bytes, start, length));
        }
        end = bodyStart + contentLength;
        return true;
    }

    private void keepTheRest() {
        bytes = start == 0 ? bytes : Arrays.copyOfRange(bytes, start, length);
        length -= start;
        start = 0;
        end = 0;
    }

    private int contentLength(int from, int to) {
        String name = "content-length:";
        for (int i = 0; i < name.length(); i++) {
            if (from + i >= to || (bytes[from + i] | 0x20) != (name.charAt(i) | 0x20)) {
                return -1;
            }
        }
        return number(from + name.length() + 1);
    }

    /** The status of the answer. */
    int status() {
        return number(start + "HTTP/1.1 ".length());
    }

    /** The number that stands behind this text at the start of the message. */
    int numberBehind(String text) {
        return number(start + text.length());
    }

    private int number(int at) {
        int value = 0;
        for (int i = at; i < length && bytes[i] >= '0' && bytes[i] <= '9'; i++) {
            value = 10 * value + bytes[i] - '0';
        }
        return value;
    }

    /** The event whose id this message's body carries, see {@link EventId}; -1 when it carries none. */
    long eventId() {
        return EventId.find(bytes, bodyStart, end);
    }
}
