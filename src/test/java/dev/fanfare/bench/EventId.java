package dev.fanfare.bench;

/** The ids of the benchmark's events, {@code bench-<run>-<event>} in fixed width, so that they are written in place. */
final class EventId {
    private static final byte[] PREFIX = {'"', 'b', 'e', 'n', 'c', 'h', '-'};
    private static final int RUN_DIGITS = 4;
    private static final int EVENT_DIGITS = 9;

    /** As long as every id. */
    static final String PLACEHOLDER = "bench-RRRR-EEEEEEEEE";

    private EventId() {}

    /** Writes an id's numbers where {@code at} is the place of its first character. */
    static void write(byte[] bytes, int at, int run, int event) {
        digits(bytes, at + 6, RUN_DIGITS, run);
        digits(bytes, at + 6 + RUN_DIGITS + 1, EVENT_DIGITS, event);
    }

    private static void digits(byte[] bytes, int at, int count, int number) {
        int rest = number;
        for (int i = at + count - 1; i >= at; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    /** The first id in these bytes as {@code run << 32 | event}, -1 when there is none. */
    static long find(byte[] bytes, int from, int to) {
        int width = PREFIX.length + RUN_DIGITS + 1 + EVENT_DIGITS;
        next:
        for (int i = from; i + width <= to; i++) {
            for (int k = 0; k < PREFIX.length; k++) {
                if (bytes[i + k] != PREFIX[k]) {
                    continue next;
                }
            }
            int run = i + PREFIX.length;
            return (long) number(bytes, run, RUN_DIGITS) << 32 | number(bytes, run + RUN_DIGITS + 1, EVENT_DIGITS);
        }
        return -1;
    }

    private static int number(byte[] bytes, int at, int count) {
        int number = 0;
        for (int i = at; i < at + count; i++) {
            number = 10 * number + bytes[i] - '0';
        }
        return number;
    }
}
