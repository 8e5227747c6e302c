package dev.fanfare.ingest;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.delivery.Claimed;
import dev.fanfare.subscription.LiveSubscription;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/** Where accepted deliveries go: dispatch implements it, since ingest stands before it. Called on the writer's thread. */
public interface Handoff {
    /** The registered node in whose name deliveries are claimed with the accept. */
    UUID node();

    /** Begins a batch and gives the time that its ids carry: this node's floor stays below it until it is closed. */
    Instant opened();

    /**
     * A batch has ended.
     *
     * @param certain false when nobody knows whether it was committed: the floor stays until that has been looked at
     */
    void closed(Instant batch, boolean certain);

    /**
     * Asks for a place in the subscription's lane, and memory.
     *
     * @return true: reserved, the delivery is claimed with the accept; false: it goes to the queue
     */
    boolean reserve(LiveSubscription subscription, WireEvent event);

    /** Gives a reservation back: the accept was not committed, or the event was a duplicate. */
    void release(UUID subscriptionId, WireEvent event);

    /**
     * Whether more is accepted than this process has the processor time to attempt, so that the next accept had better wait
     * a little. Never because of a receiver that is slow.
     */
    boolean crowded();

    /** Committed: the claimed deliveries, and the lanes for which rows went to the queue. */
    void accepted(List<Claimed> claimed, Collection<UUID> queuedLanes);
}
