package dev.fanfare.dispatch;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The node's in-flight limit. A lane may hold at most a quarter of what is free, so lanes that hang never take the last
 * permit. A permit is taken when an attempt starts and returned when its outcome is settled.
 */
final class Permits {
    private final int limit;
    private final AtomicInteger free;
    private final Queue<Lane> waiting = new ConcurrentLinkedQueue<>();

    Permits(int limit) {
        this.limit = limit;
        this.free = new AtomicInteger(limit);
    }

    /** Takes a permit for a lane that has {@code inFlight} attempts and may have {@code laneLimit}. */
    boolean take(int inFlight, int laneLimit) {
        while (true) {
            int available = free.get();
            int share = Math.min(laneLimit, Math.max(1, available / 4));
            if (available == 0 || inFlight >= share) {
                return false;
            }
            if (free.compareAndSet(available, available - 1)) {
                return true;
            }
        }
    }

    /** The lane wants to be told when permits come back. */
    void await(Lane lane) {
        waiting.add(lane);
    }

    void giveBack(int count) {
        free.addAndGet(count);
        for (Lane lane = waiting.poll(); lane != null; lane = waiting.poll()) {
            lane.wake();
        }
    }

    int taken() {
        return limit - free.get();
    }
}
