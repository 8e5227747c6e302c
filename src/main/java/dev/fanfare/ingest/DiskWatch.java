package dev.fanfare.ingest;

import dev.fanfare.platform.DataDirectory;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Watches the disk of an embedded Postgres: before it is full no new events are taken, so that what was accepted can still
 * be settled. The disk of another Postgres cannot be seen from here.
 */
@Singleton
public class DiskWatch {
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Logger LOG = Logger.getLogger("dev.fanfare.operational");

    private final LongSupplier free;
    private final LongSupplier nanos;
    private final long least;
    private final Counter events;
    private final AtomicLong lastLook;
    private volatile boolean low;

    @Inject
    public DiskWatch(DataDirectory directory, IngestConfig config, MeterRegistry registry) {
        this(
                directory.path().toFile()::getUsableSpace,
                System::nanoTime,
                directory.holdsDatabase() ? config.minFreeDisk().asLongValue() : 0,
                registry);
    }

    DiskWatch(LongSupplier free, LongSupplier nanos, long least, MeterRegistry registry) {
        this.free = free;
        this.nanos = nanos;
        this.least = least;
        this.events = Counter.builder("fanfare.operational.events")
                .description("What an operator should know of, by type")
                .tag("type", "disk.low")
                .register(registry);
        Gauge.builder("fanfare.disk.free.bytes", free::getAsLong)
                .description("Free space on the disk of the data directory")
                .register(registry);
        this.lastLook = new AtomicLong(nanos.getAsLong() - LOOK_NANOS);
    }

    /** Whether new events are refused. Looks at the disk once a second at most, which takes some microseconds. */
    boolean isLow() {
        long last = lastLook.get();
        long now = nanos.getAsLong();
        if (now - last >= LOOK_NANOS && lastLook.compareAndSet(last, now)) {
            look(free.getAsLong());
        }
        return low;
    }

    private void look(long bytes) {
        boolean was = low;
        low = bytes < least;
        if (low && !was) {
            events.increment();
            LOG.warnf("%d MiB are free on the disk: new events are refused (503) until there is more", bytes >> 20);
        } else if (was && !low) {
            LOG.infof("%d MiB are free on the disk: events are taken again", bytes >> 20);
        }
    }
}
