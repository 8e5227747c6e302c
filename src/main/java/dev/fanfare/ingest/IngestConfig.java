package dev.fanfare.ingest;

import dev.fanfare.platform.HeapShare;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.OptionalInt;

/** What producers may send. */
@ConfigMapping(prefix = "fanfare.ingest")
public interface IngestConfig {
    /** Largest event on the wire, attributes and data. Never below 64 KiB, which every intermediary must forward. */
    @WithDefault("1M")
    MemorySize maxEvent();

    /** Largest body of a batch. */
    @WithDefault("8M")
    MemorySize maxBatch();

    /** Most events in a batch. */
    @WithDefault("1000")
    int maxBatchEvents();

    /** Largest header block of a request; more is 431. Above 64 KiB, since binary mode carries attributes there. */
    @WithDefault("128K")
    MemorySize maxHeaders();

    /** Deepest nesting of JSON in an event. */
    @WithDefault("100")
    int maxDepth();

    /** Events per second that one tenant may send; more is 429. Empty: no limit. */
    OptionalInt maxRate();

    /**
     * Memory for requests that are being read or wait for their commit. Full is 503. One tenant has three quarters of it at
     * most, and a quarter while another one has some. Never more than a sixteenth of the heap, so less than 64M in a heap
     * below 1G; a heap of 256M takes every batch that is allowed.
     */
    @WithDefault("64M")
    @WithConverter(HeapShare.class)
    MemorySize memory();

    /**
     * Free space on the disk of the embedded Postgres below which new events are refused (503), while what was accepted is
     * delivered and settled. The disk of an external Postgres is not watched.
     */
    @WithDefault("1G")
    MemorySize minFreeDisk();

    /** How long a request waits for its commit after its last byte; then 503, and the producer sends again. */
    @WithDefault("PT1S")
    Duration commitTimeout();

    /** How long a request may take to arrive; then its connection is closed. */
    @WithDefault("PT30S")
    Duration readTimeout();

    /** How long source + id are remembered at least: a copy within it is a duplicate. */
    @WithDefault("PT24H")
    Duration dedupeWindow();
}
