package dev.fanfare.ingest;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.platform.Problem;
import dev.fanfare.subscription.LiveSubscription;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Events of one request that wait for their commit together.
 *
 * @param only the one subscription that gets them, whatever its filters; null: those that match
 * @param bytes what was reserved for it in the memory for requests; the queue gives it back when it is over
 * @param result completed when all its events are committed, or with a {@link dev.fanfare.platform.ProblemException}
 */
public record Submission(
        UUID tenantId,
        List<WireEvent> events,
        @Nullable LiveSubscription only,
        long bytes,
        CompletableFuture<List<Accepted>> result) {

    void fail(Problem problem) {
        result.completeExceptionally(problem.exception());
    }
}
