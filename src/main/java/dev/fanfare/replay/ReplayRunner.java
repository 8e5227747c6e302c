package dev.fanfare.replay;

import dev.fanfare.dispatch.Dispatcher;
import dev.fanfare.platform.Database;
import dev.fanfare.platform.DatabaseException;
import dev.fanfare.platform.NodeRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Feeds replays to the queue, every job a step in turn; any node may take any step. */
@ApplicationScoped
public class ReplayRunner {
    private static final long IDLE_MILLIS = 1_000;
    private static final long BUSY_MILLIS = 50;
    private static final Logger LOG = Logger.getLogger(ReplayRunner.class);

    private final ReplayStore store;
    private final Dispatcher dispatcher;
    private final NodeRegistry nodes;
    private final Database database;
    private final InstantSource clock;
    private final Semaphore work = new Semaphore(0);
    private final Thread thread = new Thread(this::run, "fanfare-replay");

    public ReplayRunner(
            ReplayStore store, Dispatcher dispatcher, NodeRegistry nodes, Database database, InstantSource clock) {
        this.store = store;
        this.dispatcher = dispatcher;
        this.nodes = nodes;
        this.database = database;
        this.clock = clock;
        thread.setDaemon(true);
    }

    void onStart(@Observes StartupEvent event) {
        database.ready().thenRun(thread::start);
    }

    void onStop(@Observes ShutdownEvent event) {
        thread.interrupt();
    }

    /** A job was made or cancelled here. */
    void wake() {
        work.release();
    }

    /**
     * Takes one step of every unfinished job.
     *
     * @return whether there is more to do soon
     */
    boolean pass() {
        Set<UUID> lanes = new HashSet<>();
        boolean more = false;
        for (UUID job : store.unfinished()) {
            try {
                ReplayStore.Step step = store.step(job, clock.instant());
                lanes.addAll(step.lanes());
                more |= step.more();
            } catch (RuntimeException failure) {
                // the others' jobs go on
                LOG.warnf(failure, "A step of replay %s failed; it is taken again in a second", job);
            }
        }
        dispatcher.queued(lanes);
        return more;
    }

    private void run() {
        try {
            while (true) {
                long pause = IDLE_MILLIS;
                try {
                    if (nodes.registered() && pass()) {
                        pause = BUSY_MILLIS;
                    }
                } catch (DatabaseException failure) {
                    LOG.warnf("Replays cannot be read (%s); tried again in a second", failure.getMessage());
                } catch (RuntimeException | Error failure) {
                    LOG.error("Replays stumbled; tried again in a second", failure);
                }
                if (work.tryAcquire(pause, TimeUnit.MILLISECONDS)) {
                    work.drainPermits();
                }
            }
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }
}
