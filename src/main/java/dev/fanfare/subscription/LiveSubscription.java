package dev.fanfare.subscription;

import dev.fanfare.filter.Filter;
import dev.fanfare.signing.WebhookSecret;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A subscription as matching and attempts see it: decrypted, compiled, immutable.
 *
 * @param sinkRevision raised only when sink or credential changes
 * @param routingVersion the tenant's, of the last change to this subscription
 * @param filter types, source and filters together
 * @param secrets the current one first
 * @param stateSince when the state became what it is
 */
public record LiveSubscription(
        UUID id,
        UUID tenantId,
        State state,
        String sink,
        int sinkRevision,
        long routingVersion,
        Filter filter,
        Settings settings,
        List<TimedSecret> secrets,
        @Nullable Credential credential,
        Instant stateSince) {

    /** How long a disabled subscription goes on collecting events (DESIGN: held, then no longer matched). */
    public static final Duration DISABLED_STOPS_MATCHING = Duration.ofDays(7);

    /** Whether deliveries flow. */
    public enum State {
        ACTIVE,
        /** held by a person */
        PAUSED,
        /** held because of what the receiver answered, with a reason */
        DISABLED,
        /** held because its secrets or its credential cannot be decrypted; never stored: its row says active */
        UNUSABLE
    }

    /**
     * A signing secret.
     *
     * @param expiresAt end of its overlap; null for the current one
     */
    public record TimedSecret(
            WebhookSecret secret, @Nullable Instant expiresAt) {
        boolean isValidAt(Instant now) {
            return expiresAt == null || now.isBefore(expiresAt);
        }
    }

    public LiveSubscription {
        secrets = List.copyOf(secrets);
    }

    /** The secrets to sign with now: the current one first, then those whose overlap has not ended. */
    public List<WebhookSecret> secretsAt(Instant now) {
        List<WebhookSecret> valid = new ArrayList<>(secrets.size());
        for (TimedSecret timed : secrets) {
            if (timed.isValidAt(now)) {
                valid.add(timed.secret());
            }
        }
        return valid;
    }

    /** Whether new events are matched at all: one that has been disabled for seven days is not. */
    public boolean takesEventsAt(Instant now) {
        return state != State.DISABLED || now.isBefore(stateSince.plus(DISABLED_STOPS_MATCHING));
    }
}
