package dev.fanfare.dispatch;

import dev.fanfare.delivery.ClaimStore;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The lanes that may have something due in the queue. Who puts rows there says so; a cheap look each second finds lanes
 * with newly due rows, a full look each minute repairs what that one missed.
 */
@Singleton
public class ReadyLanes {
    static final Duration LOOK = Duration.ofSeconds(1);
    static final Duration FULL_LOOK = Duration.ofMinutes(1);

    private final ClaimStore store;
    private final Set<UUID> ready = ConcurrentHashMap.newKeySet();
    private final Set<UUID> withoutFloor = ConcurrentHashMap.newKeySet();
    private final Semaphore work = new Semaphore(0);
    private Instant lastLook = Instant.EPOCH;
    private Instant lastFullLook = Instant.EPOCH;
    private int turn;

    public ReadyLanes(ClaimStore store) {
        this.store = store;
    }

    /** Something may be due in these lanes. From any thread. */
    void add(Iterable<UUID> lanes) {
        boolean added = false;
        for (UUID lane : lanes) {
            added |= ready.add(lane);
        }
        if (added) {
            work.release();
        }
    }

    /** Nothing can be claimed there now: whoever changes that adds it again. */
    void remove(UUID lane) {
        ready.remove(lane);
    }

    /** A lane that has work in the queue has room again. From any thread. */
    void roomIn(UUID lane) {
        if (ready.contains(lane) && work.availablePermits() == 0) {
            work.release();
        }
    }

    /** Waits until a lane may have work, or until the next look. */
    void await() throws InterruptedException {
        if (work.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
            work.drainPermits();
        }
    }

    /** Whether it is time to look. */
    boolean mayLook(Instant now) {
        return Duration.between(lastLook, now).compareTo(LOOK) >= 0;
    }

    /** Adds the lanes in which something became due. */
    void look(Instant now) {
        if (Duration.between(lastFullLook, now).compareTo(FULL_LOOK) >= 0) {
            Set<UUID> found = store.allLanesDue(now);
            withoutFloor.addAll(found);
            ready.addAll(found);
            lastFullLook = now;
        } else {
            ready.addAll(store.lanesDue(lastLook, now));
        }
        lastLook = now;
    }

    /** All of them, a different one first each time. */
    List<UUID> inTurn() {
        List<UUID> order = new ArrayList<>(ready);
        Collections.rotate(order, -turn++ % Math.max(1, order.size()));
        return order;
    }

    /** The time from which the next claim of a lane looks: after a full look at all of it, once. */
    Instant floor(Lane lane) {
        return withoutFloor.remove(lane.subscriptionId) ? Instant.EPOCH : lane.floor();
    }
}
