package dev.fanfare.dispatch;

import dev.fanfare.platform.DatabaseException;
import dev.fanfare.platform.DbClock;
import dev.fanfare.platform.NodeRegistry;
import dev.fanfare.subscription.Directory;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Runs what is due every few seconds, on one thread. */
@ApplicationScoped
public class Housekeeper {
    private static final Logger LOG = Logger.getLogger(Housekeeper.class);

    private static final Duration OFFSET_WORTH_A_WARNING = Duration.ofSeconds(5);

    private final Housekeeping housekeeping;
    private final Gauges gauges;
    private final Directory directory;
    private final DbClock clock;
    private final Duration compareEvery;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "fanfare-housekeeping"));
    /** For the beat's thread. */
    private long routingVersion = -1;

    private volatile boolean changed;

    public Housekeeper(
            Housekeeping housekeeping,
            Gauges gauges,
            Directory directory,
            NodeRegistry nodes,
            DbClock clock,
            DispatchConfig config) {
        this.housekeeping = housekeeping;
        this.gauges = gauges;
        this.directory = directory;
        this.clock = clock;
        this.compareEvery = config.unheldAfter().dividedBy(Housekeeping.LOOKS - 1);
        nodes.listen(new NodeRegistry.Listener() {
            @Override
            public void beat(long now) {
                if (now != routingVersion) {
                    routingVersion = now;
                    changed = true;
                }
            }

            @Override
            public void expelled(UUID formerId) {
                // where the database lost history, subscriptions of it may be known here that never were
                directory.doubt();
                changed = true;
            }
        });
    }

    void start() {
        every(Duration.ofSeconds(1), this::readChanges);
        every(Duration.ofSeconds(2), housekeeping::sweep);
        every(Duration.ofSeconds(2), housekeeping::cancelDeleted);
        every(compareEvery, housekeeping::compare);
        every(Duration.ofSeconds(5), housekeeping::writeCounts);
        every(Duration.ofSeconds(15), gauges::refresh);
        every(Duration.ofSeconds(60), housekeeping::forget);
        every(Duration.ofSeconds(60), this::warnOfClock);
    }

    /** Ends, and writes the last counts. */
    void stop() throws InterruptedException {
        thread.shutdown();
        if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
            thread.shutdownNow();
        }
        try {
            housekeeping.writeCounts();
        } catch (DatabaseException failure) {
            LOG.warnf("The last counts were not written (%s)", failure.getMessage());
        }
    }

    /** Another replica changed subscriptions, or what is known of them is in doubt: the beat saw it, this reads them. */
    private void readChanges() {
        if (!changed) {
            return;
        }
        changed = false;
        try {
            directory.refreshAll();
        } catch (RuntimeException failure) {
            changed = true;
            throw failure;
        }
    }

    private void warnOfClock() {
        Duration offset = clock.offset();
        if (offset.abs().compareTo(OFFSET_WORTH_A_WARNING) > 0) {
            LOG.warnf("This machine's clock is %s away from the database's; over two minutes it is not ready", offset);
        }
    }

    private void every(Duration period, Runnable task) {
        var unused = thread.scheduleWithFixedDelay(
                () -> {
                    try {
                        task.run();
                    } catch (DatabaseException failure) {
                        LOG.warnf("Housekeeping failed (%s); again in %s", failure.getMessage(), period);
                    } catch (RuntimeException | Error failure) {
                        LOG.errorf(failure, "Housekeeping failed; again in %s", period);
                    }
                },
                period.toMillis(),
                period.toMillis(),
                TimeUnit.MILLISECONDS);
    }
}
