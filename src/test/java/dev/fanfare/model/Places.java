package dev.fanfare.model;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.delivery.Claimed;
import dev.fanfare.ingest.Handoff;
import dev.fanfare.subscription.LiveSubscription;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** The places in a node's lanes, as accepts and claims take them. */
final class Places implements Handoff {
    private static final int MOST = 6;

    private final Node node;
    /** By the accept that is under way. */
    private final Map<UUID, Integer> reserved = new HashMap<>();

    private final Set<UUID> backlogged = new HashSet<>();

    Places(Node node) {
        this.node = node;
    }

    @Override
    public boolean crowded() {
        return false;
    }

    @Override
    public UUID node() {
        return node.id();
    }

    @Override
    public Instant opened() {
        return node.memory.opened();
    }

    @Override
    public void closed(Instant batch, boolean certain) {
        reserved.clear();
        node.memory.closed(batch, certain);
    }

    @Override
    public boolean reserve(LiveSubscription subscription, WireEvent event) {
        UUID lane = subscription.id();
        if (backlogged.contains(lane) || !node.mayAttempt(subscription)) {
            return false;
        }
        if (room(lane) <= 0) {
            backlogged.add(lane);
            return false;
        }
        reserved.merge(lane, 1, Integer::sum);
        return true;
    }

    @Override
    public void release(UUID subscriptionId, WireEvent event) {
        reserved.merge(subscriptionId, -1, Integer::sum);
    }

    @Override
    public void accepted(List<Claimed> claimed, Collection<UUID> queuedLanes) {
        List<UUID> order = List.copyOf(node.world.model.lanes.keySet());
        claimed.stream()
                .map(Claimed::claim)
                .sorted(Comparator.comparingInt(claim -> order.indexOf(claim.subscriptionId())))
                .forEach(claim -> {
                    reserved.merge(claim.subscriptionId(), -1, Integer::sum);
                    node.hold(claim);
                });
    }

    /** Places left in a lane. */
    int room(UUID lane) {
        long held = node.waiting.stream()
                        .filter(claim -> claim.subscriptionId().equals(lane))
                        .count()
                + node.underWay(lane);
        return MOST - (int) held - reserved.getOrDefault(lane, 0);
    }

    void claimed(UUID lane, boolean full) {
        if (full) {
            backlogged.add(lane);
        } else {
            backlogged.remove(lane);
        }
    }
}
