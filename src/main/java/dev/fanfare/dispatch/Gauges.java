package dev.fanfare.dispatch;

import dev.fanfare.delivery.QueueStats;
import dev.fanfare.ingest.AcceptQueue;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;

/** What stands where in this node, and how much waits in the queue. Made at the start: who scrapes sees all from then on. */
@Startup
@ApplicationScoped
public class Gauges {
    private final QueueStats queue;
    private final InstantSource clock;
    private volatile QueueStats.Reading reading = new QueueStats.Reading(0, 0, null);

    public Gauges(
            QueueStats queue,
            InstantSource clock,
            MeterRegistry registry,
            Lanes lanes,
            Gates gates,
            Holdings holdings,
            Settler settler,
            AcceptQueue ingest) {
        this.queue = queue;
        this.clock = clock;
        gauge(registry, "fanfare.queue.depth", "Deliveries in the queue, of all nodes", () -> reading.depth());
        gauge(registry, "fanfare.queue.due", "Deliveries in the queue whose time has come", () -> reading.due());
        gauge(registry, "fanfare.queue.age.seconds", "Since when the oldest of those is due", this::ageSeconds);
        gauge(registry, "fanfare.lanes", "Lanes of this node", () -> lanes.all().size());
        gauge(
                registry,
                "fanfare.lanes.backlogged",
                "Lanes whose new deliveries go to the queue",
                () -> lanes.all().stream().filter(Lane::backlogged).count());
        gauge(registry, "fanfare.lanes.closed", "Lanes that a Retry-After closed", gates::count);
        gauge(registry, "fanfare.held", "Deliveries that this node holds", holdings::count);
        gauge(
                registry,
                "fanfare.held.bytes",
                "Memory of the deliveries that this node holds, with their events",
                holdings::bytes);
        gauge(registry, "fanfare.inflight", "Attempts started and not settled", () -> settler.permits()
                .taken());
        gauge(
                registry,
                "fanfare.ingest.reserved.bytes",
                "Bytes of requests that are being read or wait for their commit",
                ingest::reservedBytes);
        gauge(registry, "fanfare.settle.waiting", "Outcomes that wait to be written", settler::waiting);
    }

    /** Reads the queue anew. */
    void refresh() {
        reading = queue.read(clock.instant());
    }

    private double ageSeconds() {
        Instant oldest = reading.oldestDue();
        return oldest == null ? 0 : Duration.between(oldest, clock.instant()).toMillis() / 1000.0;
    }

    private static void gauge(MeterRegistry registry, String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(registry);
    }
}
