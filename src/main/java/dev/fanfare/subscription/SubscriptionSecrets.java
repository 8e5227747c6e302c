package dev.fanfare.subscription;

import dev.fanfare.platform.Fault;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.Problem;
import dev.fanfare.platform.ProblemException;
import dev.fanfare.platform.ProblemType;
import dev.fanfare.platform.SecretBox.Sealed;
import dev.fanfare.platform.TypeId;
import dev.fanfare.signing.WebhookSecret;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Rotation of signing secrets (Standard Webhooks, "Secret rotation"): the new one signs at once, the old one too until
 * its overlap ends. The ETag does not change: neither configuration nor state does.
 */
@ApplicationScoped
public class SubscriptionSecrets {
    /** Each one that is valid is a signature in every request. */
    static final int MAX_VALID = 5;

    private final TenantTransaction transaction;
    private final SubscriptionRepository rows;
    private final SecretVault vault;
    private final InstantSource clock;

    SubscriptionSecrets(
            TenantTransaction transaction, SubscriptionRepository rows, SecretVault vault, InstantSource clock) {
        this.transaction = transaction;
        this.rows = rows;
        this.vault = vault;
        this.clock = clock;
    }

    /** @param oldExpiresAt when the secret before it stops signing */
    record Rotated(WebhookSecret secret, Instant oldExpiresAt) {}

    /**
     * Puts another secret in force.
     *
     * @param overlap zero for a leak: then no older secret signs any more, of earlier rotations neither
     * @param given the client's own, null for a generated one
     * @throws ProblemException 404; 400 when it is the current one; 409 with too many still valid
     */
    Rotated rotate(UUID tenantId, UUID id, Duration overlap, @Nullable WebhookSecret given) {
        Instant now = clock.instant();
        WebhookSecret next = given == null ? WebhookSecret.generate() : given;
        return transaction.run(tenantId, () -> {
            SubscriptionEntity row = rows.require(tenantId, id);
            refuseCurrent(rows.currentSecret(id), next);
            Instant end = now.plus(overlap);
            rows.expireCurrentSecret(id, end);
            rows.deleteSecretsExpiredAt(id, overlap.isZero() ? Instant.parse("9999-12-31T00:00:00Z") : now);
            if (rows.countSecrets(id, now) >= MAX_VALID) {
                throw new ProblemException(
                        ProblemType.CONFLICT,
                        "Already " + MAX_VALID
                                + " secrets are valid; wait for one to end, or rotate with overlap PT0S");
            }
            add(id, next, now);
            transaction.routed(row, now);
            return new Rotated(next, end);
        });
    }

    /** Within a transaction: puts one in force. */
    void add(UUID subscriptionId, WebhookSecret secret, Instant now) {
        SubscriptionSecretEntity row = new SubscriptionSecretEntity();
        row.id = Ids.at(now);
        row.subscriptionId = subscriptionId;
        Sealed sealed = vault.sealSecret(row.id, secret);
        row.keyId = sealed.keyId();
        row.secret = sealed.ciphertext();
        row.createdAt = now;
        row.persistAndFlush();
    }

    /**
     * Within a transaction: a PUT does not change the secret.
     *
     * @throws ProblemException 400 for another one than the current
     */
    void refuseOther(UUID subscriptionId, @Nullable WebhookSecret secret) {
        if (secret != null && !isCurrent(rows.currentSecret(subscriptionId), secret)) {
            throw Problem.ofFaults(List.of(new Fault(
                            "/protocolsettings/secret",
                            "readonly",
                            "is changed by POST /v1/subscriptions/" + TypeId.format("sub", subscriptionId)
                                    + "/secret/rotate")))
                    .exception();
        }
    }

    private boolean isCurrent(SubscriptionSecretEntity current, WebhookSecret secret) {
        return vault.holds(current.id, new Sealed(current.keyId, current.secret), secret);
    }

    private void refuseCurrent(SubscriptionSecretEntity current, WebhookSecret next) {
        if (isCurrent(current, next)) {
            throw Problem.ofFaults(List.of(new Fault("/secret", "invalid", "is the current secret already")))
                    .exception();
        }
    }
}
