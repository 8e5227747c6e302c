package dev.fanfare.fanout;

import dev.fanfare.subscription.LiveSubscription;
import java.util.List;

/**
 * The subscriptions that want an event, and the version of the tenant's subscriptions that said so. Paused and
 * disabled ones match too: they hold what they get; one that has been disabled for long stops matching.
 *
 * @param subscriptions by id, each once
 */
public record Match(long routingVersion, List<LiveSubscription> subscriptions) {}
