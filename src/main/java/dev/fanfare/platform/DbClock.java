package dev.fanfare.platform;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The installation's one clock: this process's monotonic time plus the database's offset, measured at each beat. Until
 * the first beat it is the machine's wall clock.
 */
@ApplicationScoped
public class DbClock implements InstantSource {
    private static final long SECOND = 1_000_000_000L;

    /** The database's time, in nanoseconds since the epoch, when System.nanoTime() was 0. */
    private volatile long origin = nanos(Instant.now()) - System.nanoTime();

    @Override
    public Instant instant() {
        long now = origin + System.nanoTime();
        return Instant.ofEpochSecond(Math.floorDiv(now, SECOND), Math.floorMod(now, SECOND));
    }

    /**
     * Takes over the database's time. The answer says it to half of the round trip, and on a busy machine that is many
     * milliseconds: the clock moves only when it is outside, and only as far as it must.
     *
     * @param database what the database's clock said
     * @param sent System.nanoTime() before it was asked
     * @param received System.nanoTime() after it had answered
     */
    public void measured(Instant database, long sent, long received) {
        long slack = (received - sent) / 2;
        long measured = nanos(database) - (sent + slack);
        origin = Math.max(measured - slack, Math.min(measured + slack, origin));
    }

    /** How far this machine's wall clock is from the database's; positive when the database is ahead. */
    public Duration offset() {
        return Duration.between(Instant.now(), instant());
    }

    private static long nanos(Instant instant) {
        return instant.getEpochSecond() * SECOND + instant.getNano();
    }
}
