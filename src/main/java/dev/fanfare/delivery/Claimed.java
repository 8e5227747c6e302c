package dev.fanfare.delivery;

import dev.fanfare.cloudevents.WireEvent;
import java.util.UUID;

/**
 * A delivery in a node's hands, ready to be attempted.
 *
 * @param webhookId what the receiver sees as webhook-id: the delivery's own id, or that of the delivery it repeats
 */
public record Claimed(Claim claim, UUID tenantId, UUID webhookId, WireEvent event) {
    /**
     * Heap in bytes of a delivery that waits, without its event, which it shares with the event's other deliveries: this
     * and its claim, their ids, its places in the lane and among what the node holds.
     */
    public static final int HEAP_BYTES = 320;
}
