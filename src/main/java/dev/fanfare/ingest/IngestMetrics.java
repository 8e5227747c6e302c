package dev.fanfare.ingest;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.platform.ProblemType;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.util.EnumMap;
import java.util.Map;
import org.jboss.logging.Logger;

/** What came in, for operators. */
@Singleton
public class IngestMetrics {
    private static final Logger LOG = Logger.getLogger(IngestMetrics.class);

    private final Counter accepted;
    private final Counter duplicates;
    private final Counter conflicts;
    private final Map<ProblemType, Counter> refused = new EnumMap<>(ProblemType.class);

    public IngestMetrics(MeterRegistry registry) {
        this.accepted = Counter.builder("fanfare.events.accepted")
                .description("Events answered 202, copies included")
                .register(registry);
        this.duplicates = Counter.builder("fanfare.events.duplicate")
                .description("Copies of events that were accepted before")
                .register(registry);
        this.conflicts = Counter.builder("fanfare.events.conflicting")
                .description("Copies that say something else than the first one")
                .register(registry);
        for (ProblemType type : ProblemType.values()) {
            refused.put(
                    type,
                    Counter.builder("fanfare.ingest.refused")
                            .description("Requests refused, by problem code")
                            .tag("code", type.code)
                            .register(registry));
        }
    }

    void accepted(int count) {
        accepted.increment(count);
    }

    void duplicate(WireEvent event, boolean same) {
        duplicates.increment();
        if (!same) {
            conflicts.increment();
            LOG.warnf(
                    "An event came again with other content; the first one stays: source=%s id=%s",
                    event.source(), event.id());
        }
    }

    void refused(ProblemType type) {
        Counter counter = refused.get(type);
        if (counter != null) {
            counter.increment();
        }
    }
}
