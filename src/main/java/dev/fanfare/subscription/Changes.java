package dev.fanfare.subscription;

import dev.fanfare.platform.SecretBox.Sealed;
import dev.fanfare.platform.Sql;
import dev.fanfare.platform.TypeId;
import dev.fanfare.subscription.LiveSubscription.State;
import dev.fanfare.subscription.LiveSubscription.TimedSecret;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What one snapshot has of a tenant beyond a version.
 *
 * @param version null: the tenant does not exist
 * @param subscriptions null values: deleted
 * @param unchanged how many others live
 */
record Changes(@Nullable Long version, Map<UUID, @Nullable LiveSubscription> subscriptions, long unchanged) {
    private static final Logger LOG = Logger.getLogger(Changes.class);

    /** What a tenant's subscriptions are configured to do cannot be understood, as of this routing version. */
    static final class Unreadable extends IllegalStateException {
        private static final long serialVersionUID = 1;

        final long version;

        Unreadable(long version, RuntimeException cause) {
            super(cause);
            this.version = version;
        }
    }

    private record SealedSecret(
            UUID rowId, Sealed sealed, @Nullable Instant expiresAt) {}

    private record Opened(
            List<TimedSecret> secrets, @Nullable Credential credential) {}

    /**
     * Reads what a tenant has beyond a version.
     *
     * @throws Unreadable when what a subscription is configured to do cannot be understood
     */
    static Changes read(Connection connection, SecretVault vault, UUID tenantId, long known) throws SQLException {
        List<Long> version = Sql.of(connection, "select routing_version from tenant where id = ?")
                .set(tenantId)
                .list(row -> row.getLong(1));
        Map<UUID, @Nullable LiveSubscription> subscriptions = new LinkedHashMap<>();
        if (version.isEmpty() || version.get(0) <= known) {
            return new Changes(version.isEmpty() ? null : version.get(0), subscriptions, 0);
        }
        Map<UUID, List<SealedSecret>> secrets = secrets(connection, tenantId, known);
        Sql.of(connection, """
                        select id, state, config, sink_revision, routing_version, credential_key_id, credential, state_since
                        from subscription where tenant_id = ? and routing_version > ?
                        order by id
                        """).set(tenantId).set(known).list(row -> {
            UUID id = Sql.uuid(row, "id");
            try {
                return subscriptions.put(id, live(row, id, vault, tenantId, secrets.getOrDefault(id, List.of())));
            } catch (IllegalStateException | IllegalArgumentException e) {
                throw new Unreadable(version.get(0), e);
            }
        });
        return new Changes(version.get(0), subscriptions, unchanged(connection, tenantId, known));
    }

    private static long unchanged(Connection connection, UUID tenantId, long known) throws SQLException {
        return Sql.of(connection, """
                        select count(*) from subscription
                        where tenant_id = ? and routing_version <= ? and deleted_at is null""")
                .set(tenantId)
                .set(known)
                .list(row -> row.getLong(1))
                .get(0);
    }

    private static Map<UUID, List<SealedSecret>> secrets(Connection connection, UUID tenantId, long known)
            throws SQLException {
        Map<UUID, List<SealedSecret>> secrets = new HashMap<>();
        Sql.of(connection, """
                        select s.id, s.subscription_id, s.key_id, s.secret, s.expires_at
                        from subscription_secret s join subscription on subscription.id = s.subscription_id
                        where tenant_id = ? and routing_version > ?
                          -- what signs no more need not be readable
                          and (s.expires_at is null or s.expires_at > now())
                        -- the current one first, then the younger ones
                        order by s.expires_at desc nulls first
                        """).set(tenantId).set(known).list(row -> secrets.computeIfAbsent(
                        Sql.uuid(row, "subscription_id"), id -> new ArrayList<>())
                .add(new SealedSecret(
                        Sql.uuid(row, "id"),
                        new Sealed(row.getString("key_id"), row.getBytes("secret")),
                        Sql.instant(row, "expires_at"))));
        return secrets;
    }

    private static @Nullable LiveSubscription live(
            ResultSet row, UUID id, SecretVault vault, UUID tenantId, List<SealedSecret> secrets) throws SQLException {
        String stored = row.getString("state").toUpperCase(Locale.ROOT);
        if (stored.equals("DELETED")) {
            return null;
        }
        State state = State.valueOf(stored);
        Configuration configuration = Configuration.stored(row.getString("config"));
        Sealed credential = SecretVault.sealed(row.getString("credential_key_id"), row.getBytes("credential"));
        Opened opened = open(vault, id, secrets, credential);
        Instant since = Sql.instant(row, "state_since");
        return new LiveSubscription(
                id,
                tenantId,
                opened == null && state == State.ACTIVE ? State.UNUSABLE : state,
                configuration.sink(),
                row.getInt("sink_revision"),
                row.getLong("routing_version"),
                configuration.filter(),
                configuration.settings(),
                opened == null ? List.of() : opened.secrets(),
                opened == null ? null : opened.credential(),
                since == null ? Instant.EPOCH : since);
    }

    /** Null when one of them cannot be decrypted or read: then this subscription alone has to wait. */
    private static @Nullable Opened open(
            SecretVault vault, UUID subscriptionId, List<SealedSecret> secrets, @Nullable Sealed credential) {
        try {
            List<TimedSecret> opened = new ArrayList<>();
            for (SealedSecret secret : secrets) {
                opened.add(new TimedSecret(vault.openSecret(secret.rowId(), secret.sealed()), secret.expiresAt()));
            }
            return new Opened(opened, credential == null ? null : vault.readCredential(subscriptionId, credential));
        } catch (IllegalStateException | IllegalArgumentException e) {
            LOG.errorf(
                    "The secrets of subscription %s cannot be used (%s). Its deliveries are held until its secret is"
                            + " rotated with overlap PT0S, its sinkcredential is set again, or the row is restored"
                            + " and this node restarted",
                    TypeId.format("sub", subscriptionId), e.getMessage());
            return null;
        }
    }
}
