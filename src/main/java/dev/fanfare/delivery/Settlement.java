package dev.fanfare.delivery;

import dev.fanfare.subscription.LiveSubscription;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An attempt that is over: what was claimed, what happened, what it means.
 *
 * @param attempted the subscription as it was attempted
 */
public record Settlement(Claim claim, Outcome outcome, Verdict verdict, LiveSubscription attempted) {

    /**
     * Decides what the outcome means.
     *
     * @param sinkCurrent the subscription's sink is still the one attempted: only then do 410 and Retry-After count
     * @param chance in [0, 1): where in the jitter's range the wait falls
     */
    public static Settlement of(
            Claim claim, Outcome outcome, LiveSubscription attempted, boolean sinkCurrent, double chance) {
        Verdict verdict = Verdict.of(
                outcome,
                attempted.settings().retry(),
                sinkCurrent,
                claim.step(),
                first(claim, outcome),
                chance,
                outcome.startedAt().plusMillis(outcome.durationMs()));
        return new Settlement(claim, outcome, verdict, attempted);
    }

    /** Attempts made, this one included. */
    public int attempts() {
        return claim.attempts() + 1;
    }

    /** First attempt since acceptance or revival. */
    public Instant firstAttemptAt() {
        return first(claim, outcome);
    }

    /** The state that the delivery has after it. */
    public DeliveryState state() {
        if (verdict instanceof Verdict.Delivered) {
            return DeliveryState.DELIVERED;
        }
        return verdict instanceof Verdict.Dead ? DeliveryState.DEAD : DeliveryState.PENDING;
    }

    /** Why it is dead; null when it is not. */
    public @Nullable Reason deadBecause() {
        return verdict instanceof Verdict.Dead dead ? dead.reason() : null;
    }

    /** The time until which a Retry-After closed the lane; null when none did. */
    public @Nullable Instant laneClosedUntil() {
        if (verdict instanceof Verdict.Retry retry) {
            return retry.laneClosedUntil();
        }
        return verdict instanceof Verdict.Dead dead ? dead.laneClosedUntil() : null;
    }

    /** The receiver said that it is gone: its subscription is to be disabled. */
    public boolean disables() {
        return verdict instanceof Verdict.Dead dead && dead.disable();
    }

    /** The same without the response. */
    public Settlement withoutResponse() {
        return new Settlement(claim, outcome.withoutResponse(), verdict, attempted);
    }

    /** The same as an attempt whose response the database refuses. */
    public Settlement unrecordable() {
        return new Settlement(claim, outcome.unrecordable(), verdict, attempted);
    }

    private static Instant first(Claim claim, Outcome outcome) {
        Instant first = claim.firstAttemptAt();
        return first == null ? outcome.startedAt() : first;
    }
}
