package dev.fanfare.subscription;

import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * All living subscriptions in memory, each tenant's as of one routing version. Readers take no lock; a refresh reads only
 * the rows that are newer than what is known, on one snapshot with the version (FAILURES: a version read apart from its
 * rows would hide a change for ever).
 */
@Singleton
public final class Directory {
    private static final Logger LOG = Logger.getLogger(Directory.class);

    private final Tx tx;
    private final SecretVault vault;
    private final Map<UUID, Long> versions = new ConcurrentHashMap<>();
    /** Tenants that cannot be read, and the version of which that was logged. */
    private final Map<UUID, Long> unreadable = new ConcurrentHashMap<>();

    private final Map<UUID, LiveSubscription> byId = new ConcurrentHashMap<>();
    /** By tenant that is to be read anew, the subscriptions that may never have been. */
    private final Map<UUID, Set<UUID>> doubtful = new HashMap<>();

    private final List<Consumer<RoutingChange>> followers = new ArrayList<>();
    private final List<Consumer<Collection<UUID>>> listeners = new CopyOnWriteArrayList<>();

    Directory(Tx tx, SecretVault vault) {
        this.tx = tx;
        this.vault = vault;
    }

    /** The tenant's routing version whose subscriptions are known; -1 for one that was never read. */
    public long version(UUID tenantId) {
        return versions.getOrDefault(tenantId, -1L);
    }

    /** Null when it does not exist, was deleted, or is not known here yet. */
    public @Nullable LiveSubscription find(UUID subscriptionId) {
        return byId.get(subscriptionId);
    }

    /** How many are known that {@link LiveSubscription.State#UNUSABLE cannot be used}; looks at all of them. */
    public long countUnusable() {
        return byId.values().stream()
                .filter(subscription -> subscription.state() == LiveSubscription.State.UNUSABLE)
                .count();
    }

    /**
     * Tells what is known of each tenant, and from now on every change, in the order of versions and one at a time. The
     * follower must neither fail nor block: everybody else who refreshes waits for it.
     */
    public synchronized void follow(Consumer<RoutingChange> follower) {
        versions.forEach((tenant, version) -> {
            List<LiveSubscription> all = byId.values().stream()
                    .filter(subscription -> subscription.tenantId().equals(tenant))
                    .toList();
            follower.accept(new RoutingChange(tenant, version, List.of(), all));
        });
        followers.add(follower);
    }

    /** Tells the ids of what changed after it can be read here, deleted ones too; on the thread that refreshed. */
    public void onChange(Consumer<Collection<UUID>> listener) {
        listeners.add(listener);
    }

    /**
     * Reads what has changed for a tenant. Blocks.
     *
     * @throws dev.fanfare.platform.DatabaseException when it cannot be read; what was known stays
     * @throws IllegalStateException when what a subscription is configured to do cannot be understood; what was known stays
     */
    public void refresh(UUID tenantId) {
        long known = version(tenantId);
        Changes changes;
        try {
            changes = tx.snapshot(connection -> read(connection, tenantId, known));
        } catch (Changes.Unreadable e) {
            tellOnce(tenantId, e);
            throw e;
        }
        tellRecovered(tenantId, changes.version());
        if (apply(tenantId, known, changes)) {
            Collection<UUID> changed = List.copyOf(changes.subscriptions().keySet());
            listeners.forEach(listener -> listener.accept(changed));
        }
    }

    /** Whoever was away for longer than tombstones are kept knows subscriptions of whose end nothing is left to read. */
    private Changes read(Connection connection, UUID tenantId, long known) throws SQLException {
        Changes changes = Changes.read(connection, vault, tenantId, known);
        List<UUID> unchanged = byId.values().stream()
                .filter(subscription -> subscription.tenantId().equals(tenantId))
                .filter(subscription -> subscription.routingVersion() <= known)
                .map(LiveSubscription::id)
                .filter(id -> !changes.subscriptions().containsKey(id))
                .toList();
        if (changes.version() == null || changes.version() <= known || unchanged.size() <= changes.unchanged()) {
            return changes;
        }
        Changes all = Changes.read(connection, vault, tenantId, -1);
        unchanged.forEach(id -> all.subscriptions().putIfAbsent(id, null));
        return all;
    }

    /** Refreshes every tenant whose routing version is not the known one. Blocks; throws DatabaseException. */
    public void refreshAll() {
        record Tenant(UUID id, long version) {}
        List<Tenant> tenants = tx.run(connection -> Sql.of(connection, "select id, routing_version from tenant")
                .list(row -> new Tenant(Sql.uuid(row, "id"), row.getLong("routing_version"))));
        for (Tenant tenant : tenants) {
            if (tenant.version() > version(tenant.id())) {
                try {
                    refresh(tenant.id());
                } catch (Changes.Unreadable e) {
                    // told by the refresh; the other tenants go on
                    LOG.debugf("Tenant %s is still unreadable", tenant.id());
                }
            }
        }
    }

    /**
     * The database may have lost history: nothing is matched against what is known until it has been read anew, and what
     * is not found then is gone. Neither blocks nor reads; it can be found meanwhile.
     */
    public synchronized void doubt() {
        byId.values().forEach(known -> doubtful.computeIfAbsent(known.tenantId(), tenant -> new HashSet<>())
                .add(known.id()));
        for (UUID tenant : versions.keySet()) {
            doubtful.putIfAbsent(tenant, new HashSet<>());
            followers.forEach(follower -> follower.accept(new RoutingChange(tenant, -1, List.of(), List.of())));
        }
        versions.clear();
    }

    /** It is read again at each beat and each accept of that tenant: one line until something changes. */
    private void tellOnce(UUID tenantId, Changes.Unreadable failure) {
        Long told = unreadable.put(tenantId, failure.version);
        if (told == null || told != failure.version) {
            LOG.errorf(failure, "Tenant %s is refused events (503) until its subscriptions can be read", tenantId);
        }
    }

    private void tellRecovered(UUID tenantId, @Nullable Long version) {
        Long told = unreadable.get(tenantId);
        if (told != null && version != null && version >= told && unreadable.remove(tenantId, told)) {
            LOG.infof("The subscriptions of tenant %s can be read again; it may send events", tenantId);
        }
    }

    /**
     * Nobody waits here for the database. What another thread has read meanwhile is no obstacle: a snapshot has all that
     * changed before it, so the newest one to arrive is right whatever it began from, and older ones have nothing to add.
     */
    private synchronized boolean apply(UUID tenantId, long since, Changes changes) {
        Long version = changes.version();
        if (version == null || version <= version(tenantId)) {
            return false;
        }
        if (doubtful.containsKey(tenantId)) {
            if (since >= 0) {
                return false; // what changed since a version that may never have been
            }
            doubtful.remove(tenantId).forEach(id -> changes.subscriptions().putIfAbsent(id, null));
        }
        List<LiveSubscription> removed = new ArrayList<>();
        List<LiveSubscription> added = new ArrayList<>();
        changes.subscriptions().forEach((id, subscription) -> {
            LiveSubscription before = subscription == null ? byId.remove(id) : byId.put(id, subscription);
            if (before != null) {
                removed.add(before);
            }
            if (subscription != null) {
                added.add(subscription);
            }
        });
        RoutingChange change = new RoutingChange(tenantId, version, removed, added);
        followers.forEach(follower -> follower.accept(change));
        versions.put(tenantId, version);
        return !changes.subscriptions().isEmpty();
    }
}
