package dev.fanfare.platform;

import com.github.f4b6a3.uuid.UuidCreator;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * This process among the running ones. Every second it raises its own counter and looks at the others': a counter that
 * stood still during six good beats over six seconds is declared gone. Clocks are not compared, and a failed beat
 * forgets what was seen, so an outage of the database kills nobody.
 */
@Singleton
public class NodeRegistry {
    /** A node whose last good beat was sent longer ago than this starts no attempt. */
    public static final Duration FENCE = Duration.ofSeconds(4);

    private static final Logger LOG = Logger.getLogger(NodeRegistry.class);

    private final OwnConnection connection;
    private final DbClock clock;
    private final LongSupplier nanoTime;
    private final LongSupplier wallMillis;
    private final Obituary others = new Obituary();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "fanfare-beat"));

    private UUID place = new UUID(0, 0);
    private Supplier<UUID> floor = () -> Ids.lowest(Instant.EPOCH);
    private long beat;
    private volatile UUID id = new UUID(0, 0);
    private volatile boolean registered;
    private volatile long goodBeatNanos;
    private volatile long goodBeatMillis;

    @Inject
    public NodeRegistry(OwnConnection connection, DbClock clock) {
        this(connection, clock, System::nanoTime, System::currentTimeMillis);
    }

    NodeRegistry(OwnConnection connection, DbClock clock, LongSupplier nanoTime, LongSupplier wallMillis) {
        this.connection = connection;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.wallMillis = wallMillis;
    }

    /** Told on the beat's thread; must be quick and must not throw. */
    public interface Listener {
        /** After each good beat, with the installation's routing version. */
        void beat(long routingVersion);

        /** This node was declared gone, or history was lost: forget all claims; a new id follows. */
        void expelled(UUID formerId);
    }

    public void listen(Listener listener) {
        listeners.add(listener);
    }

    /**
     * Registers and begins to beat. Older nodes of the same place are gone at once: the file lock of the data directory
     * proves it.
     *
     * @param place identity of the data directory
     * @param floor the lowest delivery id that this node may hold in flight
     */
    public void start(UUID place, Supplier<UUID> floor) {
        join(place, floor);
        var unused = thread.scheduleWithFixedDelay(this::beatSafely, 1, 1, TimeUnit.SECONDS);
    }

    /** Registers without beginning to beat. */
    void join(UUID place, Supplier<UUID> floor) {
        this.place = place;
        this.floor = floor;
        register();
    }

    /** This incarnation; another one after an expulsion. */
    public UUID id() {
        return id;
    }

    /** Whether an attempt may start: the last good beat is recent by the monotonic and by the wall clock. */
    public boolean mayStartAttempts() {
        return registered
                && nanoTime.getAsLong() - goodBeatNanos < FENCE.toNanos()
                && wallMillis.getAsLong() - goodBeatMillis < FENCE.toMillis();
    }

    /** The registered node whose accepts and claims the database takes. */
    public boolean registered() {
        return registered;
    }

    /** Leaves: the last step of a shutdown, when nothing is held any more. */
    public void stop() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
            if (registered) {
                registered = false;
                connection.run(c -> Sql.of(c, "update fanfare.node set gone_at = now() where id = ?")
                        .set(id)
                        .update());
            }
        } catch (DatabaseException failure) {
            LOG.warnf(
                    "Could not leave the node registry (%s); the others will notice in six seconds",
                    failure.getMessage());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            connection.close();
        }
    }

    private void register() {
        UUID fresh = UuidCreator.getTimeOrderedEpoch();
        connection.run(c ->
                Sql.of(c, """
                        with predecessor as (
                          update fanfare.node set gone_at = now() where place = ? and gone_at is null
                        )
                        insert into fanfare.node (id, place, floor) values (?, ?, ?)""").set(place).set(fresh).set(place).set(floor.get()).update());
        beat = 0;
        id = fresh;
        others.reset();
        good(nanoTime.getAsLong());
        registered = true;
        LOG.infof("Registered as node %s", fresh);
    }

    /** One beat; a failure is told to the log alone. */
    void beatSafely() {
        try {
            beatOnce();
        } catch (DatabaseException failure) {
            others.reset();
            LOG.warnf("Beat failed (%s); attempts stop four seconds after the last good one", failure.getMessage());
        } catch (RuntimeException failure) {
            LOG.error("Beat failed; the next one is in a second", failure);
        }
    }

    /** What one beat reads. */
    private record Reading(@Nullable Long beat, Instant now, long routingVersion, List<Obituary.Sight> others) {}

    private void beatOnce() {
        if (!registered) {
            rejoin();
            return;
        }
        long sent = nanoTime.getAsLong();
        Reading reading = read();
        long received = nanoTime.getAsLong();
        Long counted = reading.beat();
        // this beat has raised the counter: as low as it was is one lost
        if (counted == null || counted <= beat) {
            expelled(counted == null ? "declared gone by another node" : "the database lost history");
            return;
        }
        beat = counted;
        clock.measured(reading.now(), sent, received);
        good(sent);
        for (Obituary.Sight dead : others.look(reading.others(), received)) {
            declareGone(dead);
        }
        listeners.forEach(listener -> listener.beat(reading.routingVersion()));
    }

    private Reading read() {
        return connection.run(c -> {
            record Own(@Nullable Long beat, Instant now, long routingVersion) {}
            Own own = Sql.of(c, """
                            with mine as (
                              update fanfare.node
                              set beat = beat + 1,
                                  -- where history was lost, what this node had settled is in flight again: it must be found
                                  floor = case when beat < ? then floor else ? end
                              where id = ? and gone_at is null
                              returning beat
                            )
                            select (select beat from mine) as beat, clock_timestamp() as now, routing_version
                            from fanfare.instance""")
                    .set(beat)
                    .set(floor.get())
                    .set(id)
                    .list(rows -> new Own(
                            rows.getObject("beat", Long.class),
                            rows.getTimestamp("now").toInstant(),
                            rows.getLong("routing_version")))
                    .get(0);
            List<Obituary.Sight> sights = Sql.of(
                            c, "select id, beat from fanfare.node where gone_at is null and id <> ?")
                    .set(id)
                    .list(rows -> new Obituary.Sight(Sql.uuid(rows, "id"), rows.getLong("beat")));
            return new Reading(own.beat(), own.now(), own.routingVersion(), sights);
        });
    }

    private void declareGone(Obituary.Sight dead) {
        int gone = connection.run(
                c -> Sql.of(c, "update fanfare.node set gone_at = now() where id = ? and beat = ? and gone_at is null")
                        .set(dead.id())
                        .set(dead.beat())
                        .update());
        if (gone > 0) {
            LOG.warnf("Node %s has stopped beating; its deliveries go back to the queue", dead.id());
        }
    }

    private void expelled(String why) {
        UUID former = id;
        registered = false;
        LOG.warnf("Node %s was expelled (%s); it drops its claims and registers anew", former, why);
        listeners.forEach(listener -> listener.expelled(former));
        rejoin();
    }

    /** Leaves a gone row of the former node, then registers; what fails is tried again with the next beat. */
    private void rejoin() {
        UUID former = id;
        // where the database lost the row: what names this node must still be found by the sweep
        connection.run(
                c -> Sql.of(c, """
                        insert into fanfare.node (id, place, floor, gone_at) values (?, ?, ?, now())
                        on conflict (id) do update set gone_at = coalesce(node.gone_at, now())""").set(former).set(place).set(floor.get()).update());
        register();
    }

    private void good(long sentNanos) {
        goodBeatNanos = sentNanos;
        goodBeatMillis = wallMillis.getAsLong() - TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - sentNanos);
    }
}
