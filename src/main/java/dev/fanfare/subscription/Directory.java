package dev.fanfare.subscription;

import dev.fanfare.platform.SecretBox.Sealed;
import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import dev.fanfare.subscription.LiveSubscription.State;
import dev.fanfare.subscription.LiveSubscription.TimedSecret;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All living subscriptions in memory, per tenant, each tenant as of one routing version. Readers take no lock; a refresh
 * reads only the rows that are newer than what is known, on one snapshot with the version (FAILURES: a version read
 * apart from its rows would hide a change for ever).
 */
@Singleton
public final class Directory {
    private final Tx tx;
    private final SecretVault vault;
    private final Map<UUID, Routes> routes = new ConcurrentHashMap<>();
    private final Map<UUID, LiveSubscription> byId = new ConcurrentHashMap<>();
    private final List<Consumer<Collection<UUID>>> listeners = new CopyOnWriteArrayList<>();

    Directory(Tx tx, SecretVault vault) {
        this.tx = tx;
        this.vault = vault;
    }

    /** What is known of a tenant; version -1 and nothing for one that was never read. */
    public Routes routes(UUID tenantId) {
        return routes.getOrDefault(tenantId, new Routes(-1, List.of()));
    }

    /** Null when it does not exist, was deleted, or is not known here yet. */
    public @Nullable LiveSubscription find(UUID subscriptionId) {
        return byId.get(subscriptionId);
    }

    /** Tells the ids of what changed after it can be read here, deleted ones too; on the thread that refreshed. */
    public void onChange(Consumer<Collection<UUID>> listener) {
        listeners.add(listener);
    }

    /**
     * Reads what has changed for a tenant. Blocks.
     *
     * @throws dev.fanfare.platform.DatabaseException when it cannot be read; what was known stays
     */
    public void refresh(UUID tenantId) {
        Collection<UUID> changed = readChanges(tenantId);
        if (!changed.isEmpty()) {
            listeners.forEach(listener -> listener.accept(changed));
        }
    }

    /** Refreshes every tenant whose routing version is not the known one. Blocks; throws as {@link #refresh}. */
    public void refreshAll() {
        record Tenant(UUID id, long version) {}
        List<Tenant> tenants = tx.run(connection -> Sql.of(connection, "select id, routing_version from tenant")
                .list(row -> new Tenant(Sql.uuid(row, "id"), row.getLong("routing_version"))));
        for (Tenant tenant : tenants) {
            if (tenant.version() > routes(tenant.id()).version()) {
                refresh(tenant.id());
            }
        }
    }

    /** One reader at a time, so that an older snapshot never replaces a newer one. */
    private synchronized Collection<UUID> readChanges(UUID tenantId) {
        Routes known = routes(tenantId);
        Changes changes = tx.snapshot(connection -> Changes.read(connection, vault, tenantId, known.version()));
        if (changes.version() == null || changes.version() <= known.version()) {
            return List.of();
        }
        Map<UUID, LiveSubscription> all = new LinkedHashMap<>();
        known.subscriptions().forEach(subscription -> all.put(subscription.id(), subscription));
        changes.subscriptions().forEach((id, subscription) -> {
            if (subscription == null) {
                all.remove(id);
                byId.remove(id);
            } else {
                all.put(id, subscription);
                byId.put(id, subscription);
            }
        });
        routes.put(tenantId, new Routes(changes.version(), List.copyOf(all.values())));
        return List.copyOf(changes.subscriptions().keySet());
    }

    /**
     * What one snapshot has beyond a version.
     *
     * @param version null: the tenant does not exist
     * @param subscriptions null values: deleted
     */
    private record Changes(@Nullable Long version, Map<UUID, @Nullable LiveSubscription> subscriptions) {

        static Changes read(Connection connection, SecretVault vault, UUID tenantId, long known) throws SQLException {
            List<Long> version = Sql.of(connection, "select routing_version from tenant where id = ?")
                    .set(tenantId)
                    .list(row -> row.getLong(1));
            Map<UUID, @Nullable LiveSubscription> subscriptions = new LinkedHashMap<>();
            if (version.isEmpty() || version.get(0) <= known) {
                return new Changes(version.isEmpty() ? null : version.get(0), subscriptions);
            }
            Map<UUID, List<TimedSecret>> secrets = secrets(connection, vault, tenantId, known);
            Sql.of(connection, """
                            select id, state, config, sink_revision, routing_version, credential_key_id, credential, state_since
                            from subscription where tenant_id = ? and routing_version > ?
                            order by id
                            """)
                    .set(tenantId)
                    .set(known)
                    .list(row -> subscriptions.put(Sql.uuid(row, "id"), live(row, vault, tenantId, secrets)));
            return new Changes(version.get(0), subscriptions);
        }

        private static Map<UUID, List<TimedSecret>> secrets(
                Connection connection, SecretVault vault, UUID tenantId, long known) throws SQLException {
            Map<UUID, List<TimedSecret>> secrets = new HashMap<>();
            Sql.of(connection, """
                            select s.id, s.subscription_id, s.key_id, s.secret, s.expires_at
                            from subscription_secret s join subscription on subscription.id = s.subscription_id
                            where tenant_id = ? and routing_version > ?
                            -- the current one first, then the younger ones
                            order by s.expires_at desc nulls first
                            """).set(tenantId).set(known).list(row -> secrets.computeIfAbsent(
                            Sql.uuid(row, "subscription_id"), id -> new ArrayList<>())
                    .add(secret(row, vault)));
            return secrets;
        }

        private static TimedSecret secret(ResultSet row, SecretVault vault) throws SQLException {
            Sealed sealed = new Sealed(row.getString("key_id"), row.getBytes("secret"));
            return new TimedSecret(vault.openSecret(Sql.uuid(row, "id"), sealed), Sql.instant(row, "expires_at"));
        }

        private static @Nullable LiveSubscription live(
                ResultSet row, SecretVault vault, UUID tenantId, Map<UUID, List<TimedSecret>> secrets)
                throws SQLException {
            String state = row.getString("state").toUpperCase(Locale.ROOT);
            if (state.equals("DELETED")) {
                return null;
            }
            UUID id = Sql.uuid(row, "id");
            Configuration configuration = Configuration.stored(row.getString("config"));
            Sealed credential = SecretVault.sealed(row.getString("credential_key_id"), row.getBytes("credential"));
            Instant since = Sql.instant(row, "state_since");
            return new LiveSubscription(
                    id,
                    tenantId,
                    State.valueOf(state),
                    configuration.sink(),
                    row.getInt("sink_revision"),
                    row.getLong("routing_version"),
                    configuration.filter(),
                    configuration.settings(),
                    secrets.getOrDefault(id, List.of()),
                    credential == null ? null : vault.readCredential(id, credential),
                    since == null ? Instant.EPOCH : since);
        }
    }
}
