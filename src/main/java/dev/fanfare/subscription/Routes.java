package dev.fanfare.subscription;

import java.util.List;

/**
 * A tenant's subscriptions as they were when its routing version was this one.
 *
 * @param version -1: never read
 * @param subscriptions of every state but deleted
 */
public record Routes(long version, List<LiveSubscription> subscriptions) {
    public Routes {
        subscriptions = List.copyOf(subscriptions);
    }
}
