package dev.fanfare.ingest;

import dev.fanfare.platform.Problem;
import dev.fanfare.platform.ProblemType;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.UUID;

/** fanfare.ingest.max-rate: a token bucket per tenant that holds one second's worth. */
@Singleton
public class RateLimits {
    private static final Duration BURST = Duration.ofSeconds(1);

    private final OptionalInt perSecond;
    private final InstantSource clock;
    /** Per tenant, the time at which everything that it sent has been paid for. */
    private final Map<UUID, Instant> paidUntil = new HashMap<>();

    public RateLimits(IngestConfig config, InstantSource clock) {
        this.perSecond = config.maxRate();
        this.clock = clock;
    }

    /**
     * Counts events; a batch may overdraw, and the next request waits for it.
     *
     * @throws dev.fanfare.platform.ProblemException 429 with Retry-After (RFC 6585 §4)
     */
    synchronized void check(UUID tenant, int events) {
        if (perSecond.isEmpty() || events == 0) {
            return;
        }
        int rate = perSecond.getAsInt();
        Instant now = clock.instant();
        Instant paid = paidUntil.getOrDefault(tenant, now);
        Duration debt = Duration.between(now, paid);
        if (debt.compareTo(BURST) >= 0) {
            long seconds = Math.max(1, debt.minus(BURST).plusMillis(999).toSeconds());
            throw Problem.of(ProblemType.RATE_LIMITED, "The tenant may send " + rate + " events per second")
                    .withHeader("Retry-After", Long.toString(seconds))
                    .exception();
        }
        Instant from = paid.isBefore(now) ? now : paid;
        paidUntil.put(tenant, from.plusNanos(events * 1_000_000_000L / rate));
    }
}
