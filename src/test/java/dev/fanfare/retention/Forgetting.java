package dev.fanfare.retention;

import dev.fanfare.delivery.CancelStore;
import dev.fanfare.dispatch.DeliveryMetrics;
import dev.fanfare.platform.DayPartitions;
import dev.fanfare.platform.Tx;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;

/** Retention as the keeper's thread does it, one task at a time. */
public final class Forgetting {
    private record Config(Duration keep, Duration maxHold) implements RetentionConfig {}

    private final OldDays oldDays;
    private final IdentityTurn identities;

    public Forgetting(Tx tx, Duration keep, Duration maxHold) {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        oldDays = new OldDays(
                tx,
                new DayPartitions(tx),
                new CancelStore(tx),
                new DeliveryMetrics(meters, () -> Instant.EPOCH),
                new Config(keep, maxHold),
                meters);
        identities = new IdentityTurn(tx);
    }

    /** Forgets all days that are old enough; returns those that are gone. */
    public List<LocalDate> forget(Instant now) {
        return oldDays.forget(now);
    }

    /** Turns the generations of identities when the last turn is a window ago; returns whether it was. */
    public boolean turn(Duration window, Instant now) {
        return identities.turnIfDue(window, now);
    }
}
