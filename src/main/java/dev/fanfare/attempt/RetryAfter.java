package dev.fanfare.attempt;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.Year;
import java.time.ZoneOffset;
import java.time.chrono.IsoChronology;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.format.SignStyle;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the Retry-After header field (RFC 9110 §10.2.3). */
public final class RetryAfter {

    private static final int LONGEST_TEXT = 64;
    private static final int LONGEST_NUMBER = 9;
    private static final Duration OVERLONG = Duration.ofHours(24);
    private static final Pattern SECONDS = Pattern.compile("[0-9]+");
    private static final Pattern RFC_850 =
            Pattern.compile("[A-Z][a-z]{5,8}, ([0-9]{2}-[A-Z][a-z]{2}-)([0-9]{2})( [0-9:]{8} GMT)");

    private static final DateTimeFormatter IMF_FIXDATE = format("EEE, dd MMM uuuu HH:mm:ss 'GMT'");
    private static final DateTimeFormatter RFC_850_DATE = format("dd-MMM-uuuu HH:mm:ss 'GMT'");
    private static final DateTimeFormatter ASCTIME = new DateTimeFormatterBuilder()
            .append(format("EEE MMM "))
            .padNext(2)
            .appendValue(ChronoField.DAY_OF_MONTH, 1, 2, SignStyle.NOT_NEGATIVE)
            .append(format(" HH:mm:ss uuuu"))
            .toFormatter(Locale.US)
            .withChronology(IsoChronology.INSTANCE)
            .withResolverStyle(ResolverStyle.STRICT);

    private RetryAfter() {}

    /**
     * Reads one value: delay-seconds, or one of the three forms of HTTP-date (RFC 9110 §5.6.7).
     *
     * @param now what a date is counted from
     * @return the wait, zero for a date that has passed, 24 h for a number of ten or more digits; null when unreadable
     */
    public static @Nullable Duration parse(String value, Instant now) {
        String text = value.strip();
        if (SECONDS.matcher(text).matches()) {
            String number = text.replaceFirst("^0+(?=.)", "");
            return number.length() > LONGEST_NUMBER ? OVERLONG : Duration.ofSeconds(Long.parseLong(number));
        }
        Instant at = text.length() > LONGEST_TEXT ? null : date(text, now);
        if (at == null) {
            return null;
        }
        return at.isBefore(now) ? Duration.ZERO : Duration.between(now, at);
    }

    private static @Nullable Instant date(String text, Instant now) {
        var rfc850 = RFC_850.matcher(text);
        if (rfc850.matches()) {
            int year = century(Integer.parseInt(rfc850.group(2)), now);
            return date(rfc850.group(1) + year + rfc850.group(3), List.of(RFC_850_DATE));
        }
        return date(text, List.of(IMF_FIXDATE, ASCTIME));
    }

    private static @Nullable Instant date(String text, List<DateTimeFormatter> formats) {
        for (DateTimeFormatter format : formats) {
            try {
                return LocalDateTime.parse(text, format).toInstant(ZoneOffset.UTC);
            } catch (DateTimeException e) {
                // another form, or garbage
            }
        }
        return null;
    }

    /** RFC 9110 §5.6.7: a two-digit year that seems more than 50 years ahead is in the past. */
    private static int century(int twoDigits, Instant now) {
        int thisYear = Year.from(now.atOffset(ZoneOffset.UTC)).getValue();
        int year = thisYear - thisYear % 100 + twoDigits;
        return year > thisYear + 50 ? year - 100 : year;
    }

    private static DateTimeFormatter format(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.US).withResolverStyle(ResolverStyle.STRICT);
    }
}
