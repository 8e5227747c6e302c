package dev.fanfare.ingest;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.delivery.Claimed;
import dev.fanfare.fanout.Router;
import dev.fanfare.platform.DayPartitions;
import dev.fanfare.platform.Tx;
import dev.fanfare.subscription.Directory;
import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.testing.Rows;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/** Takes every delivery into its hands, or none, and keeps the books. */
final class Desk implements Handoff {
    final UUID node;
    Instant time = Rows.NOW;
    boolean direct = true;
    volatile BooleanSupplier crowded = () -> false;
    int reserved;
    int mostReserved;
    int open;
    final List<Claimed> claimed = new ArrayList<>();
    final List<UUID> queuedLanes = new ArrayList<>();

    Desk(UUID node) {
        this.node = node;
    }

    /** A writer that hands over to this desk. */
    AcceptWriter writer(Tx tx, Directory directory) {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        return new AcceptWriter(
                new AcceptStore(tx),
                directory,
                new Router(directory, meters),
                this,
                new DayPartitions(tx),
                new IngestMetrics(meters));
    }

    @Override
    public boolean crowded() {
        return crowded.getAsBoolean();
    }

    @Override
    public UUID node() {
        return node;
    }

    @Override
    public Instant opened() {
        open++;
        return time;
    }

    @Override
    public void closed(Instant batch, boolean certain) {
        open--;
    }

    @Override
    public boolean reserve(LiveSubscription subscription, WireEvent event) {
        reserved += direct ? 1 : 0;
        mostReserved = Math.max(mostReserved, reserved);
        return direct;
    }

    @Override
    public void release(UUID subscriptionId, WireEvent event) {
        reserved--;
    }

    @Override
    public void accepted(List<Claimed> committed, Collection<UUID> queued) {
        claimed.addAll(committed);
        queuedLanes.addAll(queued);
    }
}
