package dev.fanfare.cloudevents;

import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;

/** RFC 3339 §5.6 {@code date-time}, read strictly; leap seconds and any number of fraction digits are legal. */
final class Timestamp {
    private static final int SECONDS_END = 19;
    private static final int LAST_MINUTE = 23 * 60 + 59;
    private static final int MINUTES_PER_DAY = 24 * 60;

    private Timestamp() {}

    static boolean isValid(String text) {
        if (text.length() <= SECONDS_END || !hasShape(text)) {
            return false;
        }
        int offset = offsetStart(text);
        if (offset < 0 || !isOffset(text, offset)) {
            return false;
        }
        int month = two(text, 5);
        int hour = two(text, 11);
        int minute = two(text, 14);
        if (month < 1 || month > 12 || hour > 23 || minute > 59) {
            return false;
        }
        int day = two(text, 8);
        int year = two(text, 0) * 100 + two(text, 2);
        if (day < 1 || day > YearMonth.of(year, month).lengthOfMonth()) {
            return false;
        }
        int second = two(text, 17);
        return second < 60 || (second == 60 && isLastMinuteOfUtcDay(hour * 60 + minute - offsetMinutes(text, offset)));
    }

    /**
     * The instant of a valid text. A leap second becomes the second before it, digits past nanoseconds are cut, and
     * offsets beyond ±18:00, which Java does not know, become UTC.
     */
    static OffsetDateTime parse(String text) {
        int offset = offsetStart(text);
        LocalDateTime local = LocalDateTime.of(
                two(text, 0) * 100 + two(text, 2),
                two(text, 5),
                two(text, 8),
                two(text, 11),
                two(text, 14),
                Math.min(59, two(text, 17)),
                nanos(text, offset));
        int minutes = offsetMinutes(text, offset);
        return Math.abs(minutes) <= 18 * 60
                ? local.atOffset(ZoneOffset.ofTotalSeconds(minutes * 60))
                : local.minusMinutes(minutes).atOffset(ZoneOffset.UTC);
    }

    private static boolean hasShape(String text) {
        for (int i = 0; i < SECONDS_END; i++) {
            char c = text.charAt(i);
            boolean fits =
                    switch (i) {
                        case 4, 7 -> c == '-';
                        case 10 -> c == 'T' || c == 't';
                        case 13, 16 -> c == ':';
                        default -> isDigit(c);
                    };
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    /** Index after the seconds and their fraction, or -1 when a point has no digit behind it or the text ends. */
    private static int offsetStart(String text) {
        int i = SECONDS_END;
        if (text.charAt(i) == '.') {
            i++;
            int first = i;
            while (i < text.length() && isDigit(text.charAt(i))) {
                i++;
            }
            if (i == first) {
                return -1;
            }
        }
        return i < text.length() ? i : -1;
    }

    private static boolean isOffset(String text, int i) {
        char c = text.charAt(i);
        if (c == 'Z' || c == 'z') {
            return text.length() == i + 1;
        }
        return (c == '+' || c == '-')
                && text.length() == i + 6
                && isDigit(text.charAt(i + 1))
                && isDigit(text.charAt(i + 2))
                && text.charAt(i + 3) == ':'
                && isDigit(text.charAt(i + 4))
                && isDigit(text.charAt(i + 5))
                && two(text, i + 1) <= 23
                && two(text, i + 4) <= 59;
    }

    private static int offsetMinutes(String text, int i) {
        char c = text.charAt(i);
        if (c == 'Z' || c == 'z') {
            return 0;
        }
        int minutes = two(text, i + 1) * 60 + two(text, i + 4);
        return c == '-' ? -minutes : minutes;
    }

    private static boolean isLastMinuteOfUtcDay(int minutes) {
        return Math.floorMod(minutes, MINUTES_PER_DAY) == LAST_MINUTE;
    }

    private static int nanos(String text, int offset) {
        int nanos = 0;
        for (int i = 0; i < 9; i++) {
            int at = SECONDS_END + 1 + i;
            nanos = nanos * 10 + (at < offset ? text.charAt(at) - '0' : 0);
        }
        return nanos;
    }

    private static int two(String text, int i) {
        return (text.charAt(i) - '0') * 10 + text.charAt(i + 1) - '0';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
