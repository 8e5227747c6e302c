package dev.fanfare.platform;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Pattern;

/** Times as they stand in the API (RFC 3339 §5.6). */
public final class Times {
    private static final DateTimeFormatter MILLISECONDS = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final Pattern RFC_3339 = Pattern.compile(
            "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})");

    private Times() {}

    /** UTC with exactly three fraction digits, what is finer cut off: {@code 2026-03-01T09:30:00.120Z}. */
    public static String format(Instant time) {
        return MILLISECONDS.format(time);
    }

    /**
     * Reads a complete RFC 3339 time with its offset; at most nine fraction digits, no leap second.
     *
     * @throws IllegalArgumentException with a sentence for the client
     */
    public static Instant parse(String text) {
        if (text.length() > 40 || !RFC_3339.matcher(text).matches()) {
            throw new IllegalArgumentException("must be an RFC 3339 time such as 2026-03-01T09:30:00Z");
        }
        try {
            return OffsetDateTime.parse(text.toUpperCase(Locale.ROOT)).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("must be a time that exists, such as 2026-03-01T09:30:00Z", e);
        }
    }
}
