package dev.fanfare.dispatch;

import dev.fanfare.ingest.AcceptQueue;
import dev.fanfare.platform.DataDirectory;
import dev.fanfare.platform.Database;
import dev.fanfare.platform.DatabaseException;
import dev.fanfare.platform.NodeRegistry;
import dev.fanfare.subscription.Directory;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/** The loops: settle, claim, housekeeping, each a named thread; and the orderly end of all of them. */
@ApplicationScoped
public class Engine {
    /** Longer than any attempt may take. */
    private static final long DRAIN_SECONDS = 21;

    private static final Logger LOG = Logger.getLogger(Engine.class);

    private final Claimer claimer;
    private final Settler settler;
    private final Sender sender;
    private final Lanes lanes;
    private final Holdings holdings;
    private final Housekeeping housekeeping;
    private final Dispatcher dispatcher;
    private final Directory directory;
    private final NodeRegistry nodes;
    private final AcceptQueue ingest;
    private final Database database;
    private final DataDirectory place;

    private final AtomicLong routingVersion = new AtomicLong(-1);
    private final ScheduledExecutorService housekeeper =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "fanfare-housekeeping"));
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean started;
    private volatile boolean claiming = true;
    private volatile boolean settling = true;

    public Engine(
            Claimer claimer,
            Settler settler,
            Sender sender,
            Lanes lanes,
            Holdings holdings,
            Housekeeping housekeeping,
            Dispatcher dispatcher,
            Directory directory,
            NodeRegistry nodes,
            AcceptQueue ingest,
            Database database,
            DataDirectory place) {
        this.claimer = claimer;
        this.settler = settler;
        this.sender = sender;
        this.lanes = lanes;
        this.holdings = holdings;
        this.housekeeping = housekeeping;
        this.dispatcher = dispatcher;
        this.directory = directory;
        this.nodes = nodes;
        this.ingest = ingest;
        this.database = database;
        this.place = place;
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
                start(place.place());
                started = true;
            } catch (DatabaseException failure) {
                LOG.warnf("Cannot start to deliver yet (%s); tried again in a second", failure.getMessage());
                if (!pause(1_000)) {
                    return;
                }
            }
        }
    }

    private void start(UUID place) {
        directory.refreshAll();
        directory.onChange(dispatcher::changed);
        sender.onRoom(claimer::roomIn);
        nodes.listen(new NodeRegistry.Listener() {
            @Override
            public void beat(long version) {
                routingVersion.set(version);
                lanes.all().forEach(Lane::wake);
            }

            @Override
            public void expelled(UUID formerId) {
                lanes.all().forEach(lane -> lane.drop(formerId));
            }
        });
        nodes.start(place, holdings::floor);
        ingest.start();
        loop("fanfare-settle", this::settleOnce);
        loop("fanfare-claim", this::claimOnce);
        every(1, new Refresh()::run);
        every(2, housekeeping::sweep);
        every(2, housekeeping::cancelDeleted);
        every(5, housekeeping::compare);
        every(5, housekeeping::writeCounts);
        every(60, housekeeping::forget);
    }

    /** Another replica changed subscriptions: the beat saw it, this reads them. */
    private final class Refresh {
        private long known = -1;

        void run() {
            long seen = routingVersion.get();
            if (seen != known) {
                directory.refreshAll();
                known = seen;
            }
        }
    }

    /**
     * Ends in order: ingest off, claims off, attempts run to their end, outcomes are written, the rest is given back, the
     * node leaves.
     */
    private void stop() throws InterruptedException {
        ingest.stop();
        claiming = false;
        sender.close();
        lanes.all().forEach(Lane::wake);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DRAIN_SECONDS);
        while (holdings.count() > 0 && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        settling = false;
        housekeeper.shutdownNow();
        for (Thread thread : threads) {
            thread.join(5_000);
        }
        try {
            housekeeping.writeCounts();
        } catch (DatabaseException failure) {
            LOG.warnf("The last counts were not written (%s)", failure.getMessage());
        }
        nodes.stop();
        LOG.infof("Stopped with %d deliveries in flight", holdings.count());
    }

    private void settleOnce() throws InterruptedException {
        if (settling || settler.waiting() > 0) {
            settler.pass(100);
        }
    }

    private void claimOnce() throws InterruptedException {
        if (claimer.pass() == 0) {
            claimer.await();
        }
    }

    @FunctionalInterface
    private interface Pass {
        void run() throws InterruptedException;
    }

    private void loop(String name, Pass pass) {
        Thread thread = new Thread(() -> run(name, pass), name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void run(String name, Pass pass) {
        long pause = 0;
        while (name.equals("fanfare-claim") ? claiming : settling) {
            try {
                pass.run();
                pause = 0;
            } catch (InterruptedException end) {
                return;
            } catch (RuntimeException failure) {
                pause = Math.min(2_000, pause == 0 ? 100 : pause * 2);
                LOG.warnf(failure, "%s failed; nothing is lost, it tries again in %d ms", name, pause);
                if (!pause(pause)) {
                    return;
                }
            }
        }
    }

    private static boolean pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
            return true;
        } catch (InterruptedException end) {
            return false;
        }
    }

    private void every(int seconds, Runnable task) {
        var unused = housekeeper.scheduleWithFixedDelay(
                () -> {
                    try {
                        task.run();
                    } catch (RuntimeException failure) {
                        LOG.warnf("Housekeeping failed (%s); it tries again in %d s", failure.getMessage(), seconds);
                    }
                },
                seconds,
                seconds,
                TimeUnit.SECONDS);
    }
}
