package dev.fanfare.delivery;

import dev.fanfare.cloudevents.WireEvent;
import java.util.UUID;

/**
 * A delivery in a node's hands, ready to be attempted.
 *
 * @param webhookId what the receiver sees as webhook-id: the delivery's own id, or that of the delivery it repeats
 */
public record Claimed(Claim claim, UUID tenantId, UUID webhookId, WireEvent event) {}
