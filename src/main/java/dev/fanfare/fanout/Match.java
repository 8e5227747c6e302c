package dev.fanfare.fanout;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.subscription.Routes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The subscriptions that want an event, and the version of the tenant's subscriptions that said so. Paused and
 * disabled ones match too: they hold what they get; one that has been disabled for long stops matching.
 */
public record Match(long routingVersion, List<LiveSubscription> subscriptions) {
    /** Matches an event against a tenant's subscriptions. */
    public static Match of(WireEvent event, Routes routes, Instant now) {
        List<LiveSubscription> matching = new ArrayList<>();
        for (LiveSubscription subscription : routes.subscriptions()) {
            if (subscription.takesEventsAt(now) && subscription.filter().matches(event)) {
                matching.add(subscription);
            }
        }
        return new Match(routes.version(), matching);
    }
}
