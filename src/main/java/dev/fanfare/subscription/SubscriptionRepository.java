package dev.fanfare.subscription;

import dev.fanfare.platform.Cursor;
import dev.fanfare.platform.PathId;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Every query on subscriptions and their secrets that runs in a request's transaction. */
@ApplicationScoped
public class SubscriptionRepository implements PanacheRepositoryBase<SubscriptionEntity, UUID> {

    /**
     * The living subscription of that tenant.
     *
     * @throws dev.fanfare.platform.ProblemException 404 when there is none, also for other tenants' and deleted ones
     */
    SubscriptionEntity require(UUID tenantId, UUID id) {
        return find("id = ?1 and tenantId = ?2 and deletedAt is null", id, tenantId)
                .firstResultOptional()
                .orElseThrow(PathId.SUBSCRIPTION::unknown);
    }

    Optional<SubscriptionEntity> findByName(UUID tenantId, String name) {
        return find("tenantId = ?1 and name = ?2 and deletedAt is null", tenantId, name)
                .firstResultOptional();
    }

    /** Rows in the direction of the cursor: descending by id without one. */
    List<SubscriptionEntity> page(
            UUID tenantId,
            @Nullable String name,
            SubscriptionEntity.@Nullable State state,
            @Nullable Cursor cursor,
            int count) {
        StringBuilder where = new StringBuilder("tenantId = :tenant and deletedAt is null");
        Map<String, Object> parameters = new HashMap<>(Map.of("tenant", tenantId));
        if (name != null) {
            where.append(" and name = :name");
            parameters.put("name", name);
        }
        if (state != null) {
            where.append(" and state = :state");
            parameters.put("state", state);
        }
        boolean newer = cursor != null && cursor.newer();
        if (cursor != null) {
            where.append(newer ? " and id > :position" : " and id < :position");
            parameters.put("position", cursor.position());
        }
        where.append(newer ? " order by id asc" : " order by id desc");
        return find(where.toString(), parameters).page(0, count).list();
    }

    /** Makes changes of one tenant's subscriptions wait for each other, so that what they read stays true. */
    void lockTenant(UUID tenantId) {
        getEntityManager()
                .createNativeQuery("select routing_version from tenant where id = ?1 for update", Long.class)
                .setParameter(1, tenantId)
                .getSingleResult();
    }

    /** Raises the tenant's and the installation's routing version; returns the tenant's new one. */
    long raiseRoutingVersions(UUID tenantId) {
        Object version = getEntityManager()
                .createNativeQuery("""
                        with installation as (
                            -- one row for all: changes wait here for each other, so this is a transaction's last statement
                            update instance set routing_version = routing_version + 1)
                        update tenant set routing_version = routing_version + 1 where id = ?1 returning routing_version
                        """, Long.class)
                .setParameter(1, tenantId)
                .getSingleResult();
        return (Long) version;
    }

    /** A new sink is not bound by the Retry-After of the old one. */
    void openGate(UUID subscriptionId) {
        getEntityManager()
                .createNativeQuery("delete from gate where subscription_id = ?1")
                .setParameter(1, subscriptionId)
                .executeUpdate();
    }

    SubscriptionSecretEntity currentSecret(UUID subscriptionId) {
        return SubscriptionSecretEntity.<SubscriptionSecretEntity>find(
                        "subscriptionId = ?1 and expiresAt is null", subscriptionId)
                .singleResult();
    }

    /** How many may be used at this time. */
    long countSecrets(UUID subscriptionId, Instant now) {
        return SubscriptionSecretEntity.count(
                "subscriptionId = ?1 and (expiresAt is null or expiresAt > ?2)", subscriptionId, now);
    }

    /** The current secret ends then, to make room for the next one. */
    void expireCurrentSecret(UUID subscriptionId, Instant at) {
        SubscriptionSecretEntity.update(
                "expiresAt = ?1 where subscriptionId = ?2 and expiresAt is null", at, subscriptionId);
    }

    void deleteSecretsExpiredAt(UUID subscriptionId, Instant now) {
        SubscriptionSecretEntity.delete("subscriptionId = ?1 and expiresAt <= ?2", subscriptionId, now);
    }

    void deleteSecrets(UUID subscriptionId) {
        SubscriptionSecretEntity.delete("subscriptionId", subscriptionId);
    }
}
