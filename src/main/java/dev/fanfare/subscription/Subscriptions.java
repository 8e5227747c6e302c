package dev.fanfare.subscription;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.platform.Cursor;
import dev.fanfare.platform.Fault;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.Page;
import dev.fanfare.platform.Problem;
import dev.fanfare.platform.ProblemException;
import dev.fanfare.platform.ProblemType;
import dev.fanfare.platform.TypeId;
import dev.fanfare.signing.WebhookSecret;
import dev.fanfare.subscription.SubscriptionEntity.State;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Every change of a subscription, each one {@link TenantTransaction}. May be called on any thread that may block.
 */
@ApplicationScoped
public class Subscriptions {
    private static final Logger LOG = Logger.getLogger(Subscriptions.class);

    private final SubscriptionRepository rows;
    private final SecretVault vault;
    private final SubscriptionSecrets secrets;
    private final TenantTransaction transaction;
    private final Directory directory;
    private final InstantSource clock;

    Subscriptions(
            SubscriptionRepository rows,
            SecretVault vault,
            SubscriptionSecrets secrets,
            TenantTransaction transaction,
            Directory directory,
            InstantSource clock) {
        this.rows = rows;
        this.vault = vault;
        this.secrets = secrets;
        this.transaction = transaction;
        this.directory = directory;
        this.clock = clock;
    }

    /**
     * Makes a subscription. The answer alone shows its secret, as {@code protocolsettings.secret}.
     *
     * @throws ProblemException 409 {@code nametaken}
     */
    ShownSubscription create(UUID tenantId, SubscriptionBody body) {
        Instant now = clock.instant();
        WebhookSecret secret = body.secret() == null ? WebhookSecret.generate() : body.secret();
        return transaction.run(tenantId, () -> {
            SubscriptionEntity row = new SubscriptionEntity();
            row.id = Ids.at(now);
            row.tenantId = tenantId;
            row.createdAt = now;
            row.sinkRevision = 1;
            row.state = Boolean.FALSE.equals(body.active()) ? State.PAUSED : State.ACTIVE;
            row.stateSince = now;
            configure(row, body.configuration());
            vault.keepCredential(row, body.credential());
            transaction.changed(row, now);
            rows.persist(row);
            rows.flush();
            secrets.add(row.id, secret, now);
            ShownSubscription shown = show(row);
            shown.json().withObjectProperty("protocolsettings").put("secret", secret.text());
            return shown;
        });
    }

    /** Shows one; 404 for what is not there, deleted, or of another tenant. */
    public ShownSubscription get(UUID tenantId, UUID id) {
        return QuarkusTransaction.requiringNew().call(() -> show(rows.require(tenantId, id)));
    }

    Page<ObjectNode> list(
            UUID tenantId, @Nullable String name, @Nullable State state, int limit, @Nullable Cursor cursor) {
        return QuarkusTransaction.requiringNew().call(() -> {
            List<SubscriptionEntity> found = rows.page(tenantId, name, state, cursor, limit + 1);
            return Page.of(found, limit, cursor, row -> row.id)
                    .map(row -> show(row).json());
        });
    }

    /**
     * Replaces the configuration. What comes to the same as before changes nothing, neither ETag nor versions.
     *
     * @throws ProblemException 404; 412 {@code stale}; 409 {@code nametaken}; 400 for another secret
     */
    ShownSubscription replace(UUID tenantId, UUID id, SubscriptionBody body, IfMatch condition) {
        Instant now = clock.instant();
        return transaction.run(tenantId, () -> {
            SubscriptionEntity row = rows.require(tenantId, id);
            condition.check(show(row).etag());
            secrets.refuseOther(id, body.secret());
            ObjectNode before = SubscriptionJson.withDefaults(row.config);
            boolean credentialChanged = body.credentialGiven()
                    && !vault.holds(id, SecretVault.sealed(row.credentialKeyId, row.credential), body.credential());
            boolean sinkChanged =
                    !before.path("sink").textValue().equals(body.configuration().sink());
            String config = body.configuration().json().toString();
            boolean configChanged = !before.equals(SubscriptionJson.withDefaults(config));
            boolean stateChanged = applyActive(row, body.active(), now);
            if (configChanged) {
                configure(row, body.configuration());
            }
            if (credentialChanged) {
                vault.keepCredential(row, body.credential());
            }
            if (sinkChanged || credentialChanged) {
                row.sinkRevision++;
                rows.openGate(id);
            }
            if (configChanged || credentialChanged || stateChanged) {
                transaction.changed(row, now);
            }
            return show(row);
        });
    }

    /**
     * Makes it a tombstone: it matches nothing from now on, its secrets are gone, its deliveries are cancelled later.
     *
     * @throws ProblemException 404; 412 {@code stale}
     */
    ShownSubscription delete(UUID tenantId, UUID id, IfMatch condition) {
        Instant now = clock.instant();
        return transaction.run(tenantId, () -> {
            SubscriptionEntity row = rows.require(tenantId, id);
            condition.check(show(row).etag());
            setState(row, State.DELETED, null, now);
            row.deletedAt = now;
            vault.keepCredential(row, null);
            rows.deleteSecrets(id);
            transaction.changed(row, now);
            return show(row);
        });
    }

    /** Holds deliveries until {@link #resume}; a disabled one stays disabled. 404 as {@link #get}. */
    public ShownSubscription pause(UUID tenantId, UUID id) {
        return changeState(tenantId, id, row -> row.state == State.ACTIVE, State.PAUSED);
    }

    /** Lets flow what was held, whether it was paused or disabled. 404 as {@link #get}. */
    public ShownSubscription resume(UUID tenantId, UUID id) {
        return changeState(tenantId, id, row -> row.state != State.ACTIVE, State.ACTIVE);
    }

    /**
     * Holds deliveries because of what the receiver answered.
     *
     * @param reason a word of docs/delivery-states.md
     * @param onlyIfSinkRevision the revision that was attempted: a 410 of an older sink does not count
     * @return whether it is disabled with that sink now, by this call or an earlier one
     */
    public boolean disable(UUID id, String reason, int onlyIfSinkRevision) {
        SubscriptionEntity found = QuarkusTransaction.requiringNew().call(() -> rows.findById(id));
        if (found == null || found.sinkRevision != onlyIfSinkRevision || found.state == State.DELETED) {
            return false;
        }
        if (found.state == State.DISABLED) {
            return true;
        }
        Instant now = clock.instant();
        return transaction.run(found.tenantId, () -> {
            SubscriptionEntity row = rows.findById(id);
            if (row == null || row.sinkRevision != onlyIfSinkRevision || row.state == State.DELETED) {
                return false;
            }
            if (row.state != State.DISABLED) {
                setState(row, State.DISABLED, reason, now);
                transaction.changed(row, now);
            }
            return true;
        });
    }

    private ShownSubscription changeState(UUID tenantId, UUID id, Predicate<SubscriptionEntity> applies, State next) {
        Instant now = clock.instant();
        return transaction.run(tenantId, () -> {
            SubscriptionEntity row = rows.require(tenantId, id);
            if (applies.test(row)) {
                setState(row, next, null, now);
                transaction.changed(row, now);
            }
            return show(row);
        });
    }

    private static boolean applyActive(SubscriptionEntity row, @Nullable Boolean active, Instant now) {
        if (Boolean.FALSE.equals(active) && row.state == State.ACTIVE) {
            setState(row, State.PAUSED, null, now);
            return true;
        }
        if (Boolean.TRUE.equals(active) && row.state == State.PAUSED) {
            setState(row, State.ACTIVE, null, now);
            return true;
        }
        return false;
    }

    private static void setState(SubscriptionEntity row, State state, @Nullable String reason, Instant now) {
        row.state = state;
        row.stateReason = reason;
        row.stateSince = now;
        LOG.infof(
                "Subscription %s is now %s %s",
                TypeId.format("sub", row.id), state.word(), reason == null ? "" : reason);
    }

    private void configure(SubscriptionEntity row, Configuration configuration) {
        String name = configuration.name();
        if (name != null) {
            rows.findByName(row.tenantId, name)
                    .filter(other -> !other.id.equals(row.id))
                    .ifPresent(Subscriptions::refuseName);
        }
        row.name = name;
        row.config = configuration.json().toString();
    }

    private static void refuseName(SubscriptionEntity other) {
        throw Problem.of(ProblemType.NAME_TAKEN, TypeId.format("sub", other.id) + " has this name")
                .withErrors(List.of(new Fault("/name", "invalid", "is taken by " + TypeId.format("sub", other.id))))
                .exception();
    }

    private ShownSubscription show(SubscriptionEntity row) {
        LiveSubscription live = directory.find(row.id);
        boolean unusable = live != null
                && live.routingVersion() == row.routingVersion
                && live.state() == LiveSubscription.State.UNUSABLE;
        return new ShownSubscription(row.id, row.revision, SubscriptionJson.show(row, unusable, clock.instant()));
    }
}
