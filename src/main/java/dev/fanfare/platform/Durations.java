package dev.fanfare.platform;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations as they stand in the API: ISO 8601 of days (24 h each), hours, minutes and seconds. */
public final class Durations {
    // Weeks, months, years and signs have no place here: their length is unclear or their meaning is.
    private static final Pattern DURATION = Pattern.compile("P(?=[0-9T])(?:([0-9]{1,9})D)?"
            + "(?:T(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})(?:\\.([0-9]{1,9}))?S)?)?");

    private Durations() {}

    /**
     * Reads {@code P1DT2H}, {@code PT0.5S}; upper case, fractions on seconds only, no sign, no weeks, months or years.
     *
     * @param min smallest allowed, inclusive
     * @param max largest allowed, inclusive
     * @throws IllegalArgumentException with a sentence for the client
     */
    public static Duration parse(String text, Duration min, Duration max) {
        Matcher matcher = DURATION.matcher(text);
        if (text.length() > 60 || !matcher.matches()) {
            throw new IllegalArgumentException(
                    "must be an ISO 8601 duration of days, hours, minutes and seconds, such as PT15S or P1DT12H");
        }
        Duration duration = Duration.ofDays(number(matcher.group(1)))
                .plusHours(number(matcher.group(2)))
                .plusMinutes(number(matcher.group(3)))
                .plusSeconds(number(matcher.group(4)))
                .plusNanos(nanos(matcher.group(5)));
        if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
            throw new IllegalArgumentException("must be from " + format(min) + " to " + format(max));
        }
        return duration;
    }

    /** The form that {@link #parse} reads, with days where there are whole ones: {@code P7D}, {@code PT2.5S}. */
    public static String format(Duration duration) {
        long days = duration.toDays();
        Duration rest = duration.minusDays(days);
        if (days == 0) {
            return rest.toString();
        }
        return "P" + days + "D" + (rest.isZero() ? "" : rest.toString().substring(1));
    }

    private static long number(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    private static long nanos(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong((digits + "00000000").substring(0, 9));
    }
}
