package dev.fanfare.dispatch;

import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The lanes of this node, each on the event loop that its subscription's hash names. */
@Singleton
public class Lanes {
    private final Sender sender;
    private final AttemptLoops loops;
    private final Map<UUID, Lane> lanes = new ConcurrentHashMap<>();

    public Lanes(Sender sender, AttemptLoops loops) {
        this.sender = sender;
        this.loops = loops;
    }

    Lane of(UUID subscriptionId) {
        return lanes.computeIfAbsent(subscriptionId, id -> new Lane(id, sender, loops.loop(id.hashCode())));
    }

    Collection<Lane> all() {
        return lanes.values();
    }

    /** Forgets a deleted subscription's lane; what it still has in flight ends as usual. */
    void remove(UUID subscriptionId) {
        lanes.remove(subscriptionId);
    }
}
