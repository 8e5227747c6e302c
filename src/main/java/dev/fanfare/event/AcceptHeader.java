package dev.fanfare.event;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a client would like to get (RFC 9110 §12.5.1). Parameters but {@code q} do not count; garbage is passed over. */
record AcceptHeader(List<Range> ranges) {
    private static final Pattern RANGE =
            Pattern.compile("\\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)/([!#$%&'*+.^_`|~0-9A-Za-z-]+)\\s*(;.*)?");
    private static final Pattern QUALITY =
            Pattern.compile(";\\s*[qQ]=(0(?:\\.[0-9]{0,3})?|1(?:\\.0{0,3})?)\\s*(?:;|$)");

    /** {@code *} stands for any. */
    record Range(String type, String subtype, double quality) {
        /** 0: does not match; the higher, the closer. */
        private int closeness(String mediaType) {
            if (mediaType.equals(type + "/" + subtype)) {
                return 3;
            }
            if (!subtype.equals("*")) {
                return 0;
            }
            return mediaType.startsWith(type + "/") ? 2 : type.equals("*") ? 1 : 0;
        }
    }

    /** The values of all Accept headers of a request; none, or nothing legible, accepts anything. */
    static AcceptHeader parse(@Nullable List<String> values) {
        List<Range> ranges = (values == null ? Stream.<String>empty() : values.stream())
                .flatMap(value -> Stream.of(value.split(",", -1)))
                .map(RANGE::matcher)
                .filter(Matcher::matches)
                .map(AcceptHeader::range)
                .toList();
        return new AcceptHeader(ranges.isEmpty() ? List.of(new Range("*", "*", 1)) : ranges);
    }

    private static Range range(Matcher range) {
        Matcher quality = QUALITY.matcher(range.group(3) == null ? "" : range.group(3));
        return new Range(
                range.group(1).toLowerCase(Locale.ROOT),
                range.group(2).toLowerCase(Locale.ROOT),
                quality.find() ? Double.parseDouble(quality.group(1)) : 1);
    }

    /** 0 to 1: of the closest range; 0 when none matches. {@code mediaType} is lower case, without parameters. */
    double quality(String mediaType) {
        int closest = 0;
        double quality = 0;
        for (Range range : ranges) {
            int closeness = range.closeness(mediaType);
            if (closeness > closest) {
                closest = closeness;
                quality = range.quality();
            } else if (closeness > 0 && closeness == closest) {
                quality = Math.max(quality, range.quality());
            }
        }
        return quality;
    }
}
