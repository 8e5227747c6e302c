package dev.fanfare.dispatch;

import dev.fanfare.delivery.GateStore;
import dev.fanfare.delivery.GateStore.Gate;
import dev.fanfare.subscription.LiveSubscription;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Lanes that a Retry-After closed: this node's own at once, the other replicas' within a second. */
@Singleton
public class Gates {
    private final GateStore store;
    private final InstantSource clock;
    private final Map<UUID, Gate> closed = new ConcurrentHashMap<>();

    public Gates(GateStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    /** A gate counts only for the sink that closed it: a new sink opens the lane. */
    boolean open(LiveSubscription subscription) {
        Gate gate = closed.get(subscription.id());
        return gate == null
                || gate.sinkRevision() != subscription.sinkRevision()
                || !gate.closedUntil().isAfter(clock.instant());
    }

    void close(Gate gate) {
        closed.merge(gate.subscriptionId(), gate, Gates::later);
    }

    /**
     * Takes over what all replicas have closed.
     *
     * @return the lanes whose time has come
     */
    List<UUID> refresh() {
        Instant now = clock.instant();
        store.closed(now).forEach(this::close);
        List<UUID> opened = new ArrayList<>();
        closed.values().removeIf(gate -> {
            boolean over = !gate.closedUntil().isAfter(now);
            return over && opened.add(gate.subscriptionId());
        });
        return opened;
    }

    /** Lanes that are closed now. */
    int count() {
        return closed.size();
    }

    private static Gate later(Gate one, Gate other) {
        if (one.sinkRevision() != other.sinkRevision()) {
            return one.sinkRevision() > other.sinkRevision() ? one : other;
        }
        return one.closedUntil().isAfter(other.closedUntil()) ? one : other;
    }
}
