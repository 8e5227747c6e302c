package dev.fanfare.dispatch;

import dev.fanfare.ingest.AcceptQueue;
import dev.fanfare.platform.DataDirectory;
import dev.fanfare.platform.Database;
import dev.fanfare.platform.DatabaseException;
import dev.fanfare.platform.NodeRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Starts the loops when the database is ready, and ends them in order. */
@ApplicationScoped
public class Engine {
    /** Longer than any attempt may take. */
    private static final long DRAIN_SECONDS = 21;

    private static final Logger LOG = Logger.getLogger(Engine.class);

    private final AcceptQueue ingest;
    private final Dispatcher dispatcher;
    private final Housekeeper housekeeper;
    private final NodeRegistry nodes;
    private final Database database;
    private final DataDirectory directory;
    private final Claimer claimer;
    private final Loop claiming;
    private final Loop settling;
    private volatile boolean started;

    public Engine(
            AcceptQueue ingest,
            Dispatcher dispatcher,
            Claimer claimer,
            ReadyLanes ready,
            Settler settler,
            Housekeeper housekeeper,
            NodeRegistry nodes,
            Database database,
            DataDirectory directory) {
        this.ingest = ingest;
        this.dispatcher = dispatcher;
        this.housekeeper = housekeeper;
        this.nodes = nodes;
        this.database = database;
        this.directory = directory;
        this.claimer = claimer;
        this.claiming = new Loop("fanfare-claim", () -> {
            if (claimer.pass() == 0) {
                ready.await();
            }
        });
        this.settling = new Loop("fanfare-settle", () -> settler.pass(100));
    }

    void onStart(@Observes StartupEvent event) {
        database.ready().thenRun(() -> {
            Thread starter = new Thread(this::startWhenPossible, "fanfare-start");
            starter.setDaemon(true);
            starter.start();
        });
    }

    void onStop(@Observes ShutdownEvent event) throws InterruptedException {
        if (started) {
            stop();
        }
    }

    /** Whether events are taken and delivered. */
    public boolean isStarted() {
        return started;
    }

    private void startWhenPossible() {
        while (!started) {
            try {
                start();
            } catch (DatabaseException failure) {
                LOG.warnf("Cannot start to deliver yet (%s); tried again in a second", failure.getMessage());
                try {
                    TimeUnit.SECONDS.sleep(1);
                } catch (InterruptedException end) {
                    return;
                }
            }
        }
    }

    private void start() {
        dispatcher.open();
        nodes.start(directory.place(), dispatcher::floor);
        settling.start();
        claiming.start();
        housekeeper.start();
        ingest.start();
        started = true;
    }

    /**
     * Ends in order: ingest off, claims off, attempts run to their end, outcomes are written, what waits is given back,
     * the node leaves.
     */
    private void stop() throws InterruptedException {
        ingest.stop();
        claiming.stop();
        claimer.close();
        dispatcher.close();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DRAIN_SECONDS);
        while (!dispatcher.isEmpty() && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        settling.stop();
        housekeeper.stop();
        nodes.stop();
        LOG.info(
                dispatcher.isEmpty()
                        ? "Stopped; nothing was in flight"
                        : "Stopped with deliveries in flight; they go out again after the next start");
    }
}
