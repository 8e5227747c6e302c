package dev.fanfare.subscription;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A row of {@code subscription}; V2__subscriptions.sql says what the columns mean. Never leaves the package. */
@Entity
@Table(name = "subscription")
@SuppressWarnings("NullAway.Init") // filled by Hibernate, or by Subscriptions before it is persisted
public class SubscriptionEntity extends PanacheEntityBase {
    /** As in the column and in {@code status.state}, there in lower case. */
    public enum State {
        ACTIVE,
        PAUSED,
        DISABLED,
        DELETED;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Id
    public UUID id;

    @Column(name = "tenant_id")
    public UUID tenantId;

    public @Nullable String name;

    @Convert(converter = StateConverter.class)
    public State state;

    @Column(name = "state_reason")
    public @Nullable String stateReason;

    @Column(name = "state_since")
    public Instant stateSince;

    public String config;

    @Column(name = "sink_revision")
    public int sinkRevision;

    public int revision;

    @Column(name = "routing_version")
    public long routingVersion;

    @Column(name = "credential_key_id")
    public @Nullable String credentialKeyId;

    public byte @Nullable [] credential;

    @Column(name = "created_at")
    public Instant createdAt;

    @Column(name = "updated_at")
    public Instant updatedAt;

    @Column(name = "deleted_at")
    public @Nullable Instant deletedAt;

    /** Enum constants are lower case in the database. */
    public static class StateConverter implements AttributeConverter<State, String> {
        @Override
        public String convertToDatabaseColumn(State state) {
            return state.word();
        }

        @Override
        public State convertToEntityAttribute(String word) {
            return State.valueOf(word.toUpperCase(Locale.ROOT));
        }
    }
}
