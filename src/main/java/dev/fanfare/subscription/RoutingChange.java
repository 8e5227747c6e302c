package dev.fanfare.subscription;

import java.util.List;
import java.util.UUID;

/**
 * What brings a tenant's subscriptions to a routing version. One that changed is in both lists.
 *
 * @param removed as they were
 * @param added as they are; of every state but deleted
 */
public record RoutingChange(UUID tenantId, long version, List<LiveSubscription> removed, List<LiveSubscription> added) {
    public RoutingChange {
        removed = List.copyOf(removed);
        added = List.copyOf(added);
    }
}
