package dev.fanfare.subscription;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A row of {@code subscription_secret}: one signing secret, encrypted with the row's id as associated data. */
@Entity
@Table(name = "subscription_secret")
@SuppressWarnings("NullAway.Init") // filled by Hibernate, or by Subscriptions before it is persisted
public class SubscriptionSecretEntity extends PanacheEntityBase {
    @Id
    public UUID id;

    @Column(name = "subscription_id")
    public UUID subscriptionId;

    @Column(name = "key_id")
    public String keyId;

    public byte[] secret;

    @Column(name = "created_at")
    public Instant createdAt;

    /** null: the current one */
    @Column(name = "expires_at")
    public @Nullable Instant expiresAt;
}
