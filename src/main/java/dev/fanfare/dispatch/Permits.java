package dev.fanfare.dispatch;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The node's in-flight limit. A lane may hold at most a quarter of what is free, so lanes that hang never take the last
 * permit. A permit is taken when an attempt starts and returned when its outcome is settled.
 */
final class Permits {
    private final int limit;
    private final AtomicInteger free;
    private final Set<Runnable> waiting = ConcurrentHashMap.newKeySet();

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

    /** To be run once when permits come back; asking again before that changes nothing. From any thread. */
    void await(Runnable wake) {
        waiting.add(wake);
    }

    void giveBack(int count) {
        free.addAndGet(count);
        // those that ask again while they are woken are for the next time, or this would never end
        for (Runnable wake : List.copyOf(waiting)) {
            if (waiting.remove(wake)) {
                wake.run();
            }
        }
    }

    /** Whether more than half are taken. */
    boolean areScarce() {
        return free.get() < limit / 2;
    }

    int taken() {
        return limit - free.get();
    }
}
