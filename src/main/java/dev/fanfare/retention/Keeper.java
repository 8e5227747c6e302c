package dev.fanfare.retention;

import dev.fanfare.delivery.GateStore;
import dev.fanfare.ingest.IngestConfig;
import dev.fanfare.platform.Database;
import dev.fanfare.platform.DatabaseException;
import dev.fanfare.platform.DayPartitions;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * At start and every ten minutes: the days of the coming week exist. Each minute: identities are turned, and old days
 * forgotten, when it is time, and subscriptions that match no more are told of. What is over is removed.
 */
@ApplicationScoped
public class Keeper {
    private static final int DAYS_AHEAD = 7;
    private static final Logger LOG = Logger.getLogger(Keeper.class);

    private final Database database;
    private final DayPartitions partitions;
    private final IdentityTurn identities;
    private final OldDays oldDays;
    private final StoppedMatching stopped;
    private final GateStore gates;
    private final IngestConfig ingest;
    private final InstantSource clock;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "fanfare-keeper"));

    public Keeper(
            Database database,
            DayPartitions partitions,
            IdentityTurn identities,
            OldDays oldDays,
            StoppedMatching stopped,
            GateStore gates,
            IngestConfig ingest,
            InstantSource clock) {
        this.database = database;
        this.partitions = partitions;
        this.identities = identities;
        this.oldDays = oldDays;
        this.stopped = stopped;
        this.gates = gates;
        this.ingest = ingest;
        this.clock = clock;
    }

    void onStart(@Observes StartupEvent event) {
        database.ready().thenRun(() -> {
            every(10, "Making the coming days", () -> partitions.ensure(clock.instant(), DAYS_AHEAD));
            every(10, "Removing gates that are open again", () -> gates.removeOpen(clock.instant()));
            every(1, "Turning identities", () -> identities.turnIfDue(ingest.dedupeWindow(), clock.instant()));
            every(1, "Forgetting old days", () -> oldDays.forgetIfDue(clock.instant()));
            every(1, "Telling of subscriptions that match no more", () -> stopped.tell(clock.instant()));
        });
    }

    void onStop(@Observes ShutdownEvent event) {
        thread.shutdownNow();
    }

    private void every(int minutes, String what, Runnable task) {
        var unused = thread.scheduleWithFixedDelay(
                () -> {
                    try {
                        task.run();
                    } catch (DatabaseException failure) {
                        LOG.warnf("%s failed (%s); tried again in %d minutes", what, failure.getMessage(), minutes);
                    } catch (RuntimeException | Error failure) {
                        LOG.errorf(failure, "%s failed; tried again in %d minutes", what, minutes);
                    }
                },
                0,
                minutes,
                TimeUnit.MINUTES);
    }
}
