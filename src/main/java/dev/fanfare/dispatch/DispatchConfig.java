package dev.fanfare.dispatch;

import dev.fanfare.platform.HeapShare;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How much this node has in flight. */
@ConfigMapping(prefix = "fanfare.dispatch")
public interface DispatchConfig {
    /**
     * Attempts that one node has in flight at most, over all subscriptions. Fewer where the process may not open more than
     * twice as many files ({@code ulimit -n}).
     */
    @WithDefault("8192")
    int maxInflight();

    /**
     * Memory for deliveries that wait in this node for their attempt, with all that their events take in it. Beyond it
     * deliveries wait in the database. Never more than an eighth of the heap.
     */
    @WithDefault("64M")
    @WithConverter(HeapShare.Eighth.class)
    MemorySize memory();

    /**
     * Memory for receivers' responses that wait to be written. Beyond it outcomes are written without them. Never more
     * than a sixteenth of the heap.
     */
    @WithDefault("32M")
    @WithConverter(HeapShare.class)
    MemorySize responseMemory();

    /** Deliveries that one claim takes out of the queue at most, over all subscriptions. */
    @WithDefault("1000")
    int claimBatch();

    /**
     * How long a delivery may be in flight in this node's name before the node asks itself whether it holds it. Where it
     * does not (the end of an accept or a claim stayed unknown), the delivery goes back to the queue after seven looks in a
     * row, a sixth of this apart. Longer than an attempt and its settling.
     */
    @WithDefault("PT30S")
    Duration unheldAfter();
}
