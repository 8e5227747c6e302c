package dev.fanfare.attempt;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The {@code traceparent} header (W3C Trace Context §3.2). */
final class TraceParent {

    private static final Pattern VALID =
            Pattern.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");
    private static final int TRACE_ID_ENDS = 35;
    private static final HexFormat HEX = HexFormat.of();

    private TraceParent() {}

    /**
     * A new span of the event's trace, or of a new trace when the event tells of none.
     *
     * @param extension the event's extension {@code traceparent} (CloudEvents Distributed Tracing), null when absent
     */
    static String next(@Nullable String extension) {
        String span = HEX.toHexDigits(nonZero());
        if (extension != null && VALID.matcher(extension).matches()) {
            return "00" + extension.substring(2, TRACE_ID_ENDS) + "-" + span + extension.substring(52);
        }
        return "00-" + HEX.toHexDigits(nonZero()) + HEX.toHexDigits(nonZero()) + "-" + span + "-00";
    }

    private static long nonZero() {
        return ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
    }
}
