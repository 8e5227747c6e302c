package dev.fanfare.ingest;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.fanout.Router;
import dev.fanfare.platform.DatabaseException;
import dev.fanfare.platform.DayPartitions;
import dev.fanfare.platform.Tx;
import dev.fanfare.subscription.Directory;
import dev.fanfare.subscription.LiveSubscription;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Accepts requests as the queue's thread does, one at a time. */
public final class Acceptance {
    private final AcceptWriter writer;

    public Acceptance(Tx tx, Directory directory, Handoff handoff) {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        writer = new AcceptWriter(
                new AcceptStore(tx),
                directory,
                new Router(directory, meters),
                handoff,
                new DayPartitions(tx),
                new IngestMetrics(meters));
    }

    /**
     * Accepts the events of one request.
     *
     * @param only who gets them, whatever it wants; null: those that want them
     * @return empty when it was answered 503
     */
    public List<Accepted> accept(UUID tenant, List<WireEvent> events, @Nullable LiveSubscription only) {
        Submission submission = new Submission(tenant, events, only, 1, new CompletableFuture<>());
        try {
            writer.write(List.of(submission));
        } catch (DatabaseException failure) {
            // as the queue does
            return List.of();
        }
        return submission.result().isCompletedExceptionally()
                ? List.of()
                : submission.result().join();
    }
}
