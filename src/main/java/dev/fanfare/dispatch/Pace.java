package dev.fanfare.dispatch;

import dev.fanfare.delivery.Claimed;
import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Hands deliveries over to event loops, and sees whether these keep up. Where lanes fill while their loops are late, the
 * processors are short; a slow receiver fills its lane too, but makes no loop late. For one thread, the accept's.
 */
final class Pace {
    /** An idle loop takes a task over within a tenth of it. */
    private static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final LongSupplier nanoTime;
    private List<HandOver> last = List.of();

    Pace(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** What one loop is given. */
    private final class HandOver {
        private final Collection<Lane> lanes;
        private final long handed = nanoTime.getAsLong();
        private volatile long taken;
        private volatile boolean isTaken;

        HandOver(Collection<Lane> lanes) {
            this.lanes = lanes;
        }

        void take(Map<Lane, List<Claimed>> work) {
            taken = nanoTime.getAsLong();
            isTaken = true;
            work.forEach(Lane::add);
        }

        boolean isLate() {
            return (isTaken ? taken : nanoTime.getAsLong()) - handed > LATE_NANOS;
        }

        boolean fillsALane() {
            return lanes.stream().anyMatch(Lane::isFilling);
        }
    }

    /** One task per event loop, however many lanes. */
    void handOver(Map<Context, Map<Lane, List<Claimed>>> byLoop) {
        List<HandOver> now = new ArrayList<>(byLoop.size());
        byLoop.forEach((loop, work) -> {
            // the lanes alone are kept: the events would be held as long as nothing follows
            HandOver handOver = new HandOver(List.copyOf(work.keySet()));
            now.add(handOver);
            loop.runOnContext(nothing -> handOver.take(work));
        });
        last = now;
    }

    /** Whether a lane that was given something last is about to overflow because its loop is late. */
    boolean crowded() {
        return last.stream().anyMatch(handOver -> handOver.isLate() && handOver.fillsALane());
    }
}
