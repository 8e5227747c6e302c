package dev.fanfare.subscription;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * A change of one tenant's subscriptions: it locks the tenant first and raises both routing versions last, and after its
 * commit this process's {@link Directory} has it.
 */
@ApplicationScoped
class TenantTransaction {
    private static final Logger LOG = Logger.getLogger(TenantTransaction.class);

    private final SubscriptionRepository rows;
    private final Directory directory;

    TenantTransaction(SubscriptionRepository rows, Directory directory) {
        this.rows = rows;
        this.directory = directory;
    }

    /** Runs the work in one transaction; afterwards this process routes by it. */
    <T> T run(UUID tenantId, Supplier<T> work) {
        T result = QuarkusTransaction.requiringNew().call(() -> {
            rows.lockTenant(tenantId);
            return work.get();
        });
        try {
            directory.refresh(tenantId);
        } catch (RuntimeException e) {
            LOG.warnf(
                    "A change of tenant %s is committed and not yet known here; the next beat reads it: %s",
                    tenantId, e);
        }
        return result;
    }

    /** The transaction's last step: configuration or state are others, so the ETag is too. */
    void changed(SubscriptionEntity row, Instant now) {
        row.revision++;
        routed(row, now);
    }

    /** As {@link #changed}, for what replicas must learn although the ETag does not cover it. */
    void routed(SubscriptionEntity row, Instant now) {
        row.updatedAt = now;
        row.routingVersion = rows.raiseRoutingVersions(row.tenantId);
    }
}
