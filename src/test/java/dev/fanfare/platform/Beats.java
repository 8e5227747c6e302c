package dev.fanfare.platform;

import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** A node's place among the others without its thread: each beat is made by hand, by a clock that is set. */
public final class Beats {
    private final NodeRegistry registry;

    /** @param nanoTime the monotonic clock and, in milliseconds, the wall clock */
    public Beats(OwnConnection connection, LongSupplier nanoTime) {
        registry = new NodeRegistry(connection, new DbClock(), nanoTime, () -> nanoTime.getAsLong() / 1_000_000);
    }

    public NodeRegistry registry() {
        return registry;
    }

    /** Registers; an older node of the same place is gone at once. */
    public void join(UUID place, Supplier<UUID> floor) {
        registry.join(place, floor);
    }

    public void beat() {
        registry.beatSafely();
    }
}
