package dev.fanfare.delivery;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What happened in one HTTP try: a value, never an exception.
 *
 * @param startedAt when the try began, before name resolution
 * @param durationMs until the end of the exchange, in milliseconds
 * @param address the address that was or would have been connected to; null when the name did not resolve
 * @param status the answer's status code, 0 when there was none
 * @param failure null for a 2xx
 * @param retryAfter the answer's Retry-After, null when absent or unreadable
 * @param responseHeaders as received, capped, ISO-8859-1 lines
 * @param responseBody the first 16 KiB
 * @param truncated the response went on beyond what is kept
 */
public record Outcome(
        Instant startedAt,
        int durationMs,
        @Nullable String address,
        int status,
        @Nullable Reason failure,
        @Nullable Duration retryAfter,
        byte[] responseHeaders,
        byte[] responseBody,
        boolean truncated) {
    private static final byte[] NOTHING = new byte[0];

    /** The same without the response: what is kept when memory is short or the database refuses it. */
    public Outcome withoutResponse() {
        return new Outcome(startedAt, durationMs, address, status, failure, retryAfter, NOTHING, NOTHING, true);
    }

    /** The same without the response, and saying why where nothing else failed. */
    public Outcome unrecordable() {
        Reason reason = failure == null ? Reason.UNRECORDABLE : failure;
        return new Outcome(startedAt, durationMs, address, status, reason, retryAfter, NOTHING, NOTHING, true);
    }

    /** The status as it is stored: null when there was no answer. */
    @Nullable
    Integer statusOrNull() {
        return status == 0 ? null : Integer.valueOf(status);
    }

    /** Bytes of response that this holds in memory. */
    public int responseBytes() {
        return responseHeaders.length + responseBody.length;
    }
}
