package dev.fanfare.delivery;

import dev.fanfare.subscription.RetryPolicy;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What an outcome means. Order of decision: 2xx, 410, retry.final, empty schedule, Retry-After, schedule.
 *
 * <p>Webhooks are not RPC: a 400 is a bad deploy or a proxy's limit far more often than a verdict, so every answer but
 * 2xx and 410 is tried again by default.
 */
public sealed interface Verdict {
    /** Retry-After is capped at this. */
    Duration LONGEST_RETRY_AFTER = Duration.ofHours(24);

    /** A Retry-After below this is ignored: the schedule knows better. */
    Duration SHORTEST_RETRY_AFTER = Duration.ofSeconds(1);

    /** The receiver has it. */
    record Delivered() implements Verdict {}

    /**
     * Again at {@code dueAt}.
     *
     * @param step place in the schedule after this verdict
     * @param laneClosedUntil set by Retry-After: nothing is sent to this subscription before
     */
    record Retry(Instant dueAt, int step, @Nullable Instant laneClosedUntil) implements Verdict {}

    /**
     * Given up.
     *
     * @param disable the receiver said 410: the subscription is to be disabled
     * @param laneClosedUntil set by Retry-After, also when the delivery itself is too old to wait
     */
    record Dead(Reason reason, boolean disable, @Nullable Instant laneClosedUntil) implements Verdict {}

    /**
     * Decides.
     *
     * @param sinkCurrent the subscription's sink is still the one attempted: only then do 410 and Retry-After count
     * @param step waits of the schedule already used since acceptance or revival
     * @param firstAttemptAt first attempt since acceptance or revival; retry.maxage counts from it
     * @param chance in [0, 1): where in the jitter's range the wait falls
     * @param now end of the attempt; waits are counted from it
     */
    static Verdict of(
            Outcome outcome,
            RetryPolicy policy,
            boolean sinkCurrent,
            int step,
            Instant firstAttemptAt,
            double chance,
            Instant now) {
        if (outcome.failure() == null) {
            return new Delivered();
        }
        Instant closedUntil = sinkCurrent ? closedUntil(outcome, now) : null;
        if (outcome.status() == 410 && sinkCurrent) {
            return new Dead(Reason.GONE, true, null);
        }
        if (policy.finalStatuses().contains(outcome.status())) {
            return new Dead(Reason.FINAL, false, closedUntil);
        }
        if (policy.schedule().isEmpty()) {
            return new Dead(Reason.EXHAUSTED, false, closedUntil);
        }
        if (closedUntil != null) {
            boolean tooOld = Duration.between(firstAttemptAt, now).compareTo(policy.maxAge()) > 0;
            return tooOld ? new Dead(Reason.EXPIRED, false, closedUntil) : new Retry(closedUntil, step, closedUntil);
        }
        if (step >= policy.schedule().size()) {
            return new Dead(Reason.EXHAUSTED, false, null);
        }
        return new Retry(now.plus(jittered(policy.schedule().get(step), policy.jitter(), chance)), step + 1, null);
    }

    private static @Nullable Instant closedUntil(Outcome outcome, Instant now) {
        Duration wait = outcome.retryAfter();
        if (wait == null || wait.compareTo(SHORTEST_RETRY_AFTER) < 0) {
            return null;
        }
        return now.plus(wait.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : wait);
    }

    /** {@code wait} × (1 ± jitter), evenly spread. */
    private static Duration jittered(Duration wait, double jitter, double chance) {
        double factor = 1 + jitter * (2 * chance - 1);
        return Duration.ofNanos(Math.round(wait.toNanos() * factor));
    }
}
