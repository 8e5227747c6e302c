package dev.fanfare.fanout;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.subscription.Directory;
import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.subscription.RoutingChange;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Matches events against each tenant's subscriptions as the directory knows them. Takes no lock and never blocks. */
@Singleton
public final class Router {
    private final Map<UUID, RoutingIndex> tenants = new ConcurrentHashMap<>();

    public Router(Directory directory, MeterRegistry registry) {
        directory.follow(this::apply);
        Gauge.builder("fanfare.routing.entries", this, Router::entries)
                .description("Entries of subscriptions in the routing index")
                .register(registry);
        Gauge.builder("fanfare.subscriptions.unusable", directory, Directory::countUnusable)
                .description("Subscriptions that are held because their secrets cannot be decrypted")
                .register(registry);
    }

    /** The subscriptions that want the event; version -1 and none for a tenant that was never read. */
    public Match match(UUID tenantId, WireEvent event, Instant now) {
        RoutingIndex index = tenants.get(tenantId);
        return index == null ? new Match(-1, List.of()) : index.match(event, now);
    }

    /** One subscription that gets an event whatever it wants, at the version that is known of its tenant. */
    public Match only(LiveSubscription subscription) {
        RoutingIndex index = tenants.get(subscription.tenantId());
        return new Match(index == null ? -1 : index.version(), List.of(subscription));
    }

    private void apply(RoutingChange change) {
        tenants.computeIfAbsent(change.tenantId(), tenant -> new RoutingIndex()).apply(change);
    }

    private double entries() {
        return tenants.values().stream().mapToInt(RoutingIndex::entries).sum();
    }
}
