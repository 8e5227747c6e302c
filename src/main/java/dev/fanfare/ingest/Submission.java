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
 * @param bytes what it counts for in memory
 * @param result completed when all its events are committed, or with a {@link dev.fanfare.platform.ProblemException}
 */
public record Submission(
        UUID tenantId,
        List<WireEvent> events,
        @Nullable LiveSubscription only,
        int bytes,
        CompletableFuture<List<Accepted>> result) {

    void fail(Problem problem) {
        result.completeExceptionally(problem.exception());
    }
}
