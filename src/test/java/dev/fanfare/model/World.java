package dev.fanfare.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.delivery.IdRange;
import dev.fanfare.model.Model.Gate;
import dev.fanfare.model.Model.Job;
import dev.fanfare.model.Model.Lane;
import dev.fanfare.platform.DatabaseException;
import dev.fanfare.platform.DayPartitions;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.OwnConnection;
import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import dev.fanfare.testing.Breakable;
import dev.fanfare.testing.Breakable.Side;
import dev.fanfare.testing.Invariants;
import dev.fanfare.testing.SettableClock;
import dev.fanfare.testing.TestPostgres;
import io.agroal.api.AgroalDataSource;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A database of its own, the nodes on it, the time, and what all of it should look like. */
final class World implements AutoCloseable {
    static final UUID TENANT = TestPostgres.TENANT;
    /** Long ago: what the server stamps with its own time lies behind everything here, and is set right. */
    private static final Instant START = Instant.parse("2020-01-01T00:00:00Z");

    private final String url = TestPostgres.newDatabase();
    private final AgroalDataSource pool;
    /** What the walk looks through. */
    final Tx tx;

    final Breakable database;
    /** What the nodes work through. */
    final Tx breaking;

    final SettableClock clock = new SettableClock(START);
    final Model model = new Model();
    final List<Node> nodes = new ArrayList<>();
    final DayPartitions days;
    /** Registered, and not declared gone. */
    Set<UUID> living = Set.of();

    long step;
    /** One transaction in so many breaks; 0: none. */
    int breaksOneIn = 40;

    private final Random random;
    private long ticks;
    private long nanos = START.toEpochMilli() * 1_000_000;

    World(Random random) {
        this.random = random;
        TestPostgres.flyway(url).load().migrate();
        try (AgroalDataSource first = TestPostgres.poolOf(url)) {
            // what is committed here need not outlive the server
            new Tx(first).statement(c -> Sql.of(c, """
                            do $$ begin
                              execute format('alter database %I set synchronous_commit = off', current_database());
                            end $$""").update());
        }
        pool = TestPostgres.poolOf(url);
        tx = new Tx(pool);
        database = new Breakable(pool);
        breaking = new Tx(database.dataSource());
        days = new DayPartitions(tx);
        days.ensure(START, 1);
        tx.statement(c -> Sql.of(c, "insert into tenant (id, name) values (?, 'default') on conflict do nothing")
                .set(TENANT)
                .update());
        tx.statement(
                c -> Sql.of(c, "update maintenance set done_at = ?").set(START).update());
    }

    Instant now() {
        return clock.instant();
    }

    long nanoTime() {
        return nanos;
    }

    OwnConnection ownConnection() {
        return TestPostgres.ownConnectionTo(url);
    }

    void pass(Duration time) {
        clock.forward(time);
        nanos += time.toNanos();
    }

    /** Tells before from after. */
    long tick() {
        return ++ticks;
    }

    /** Lets what comes next break at one of its statements, now and then. */
    void mayBreak() {
        if (breaksOneIn > 0 && random.nextInt(breaksOneIn) == 0) {
            database.breakAt(1 + random.nextInt(8), random.nextBoolean() ? Side.BEFORE : Side.AFTER);
        }
    }

    /** Each running process beats, every second for so many; who stands still for long is gone then, and nobody else. */
    void beats(int seconds) {
        for (int i = 0; i < seconds; i++) {
            pass(Duration.ofSeconds(1));
            running().forEach(Node::beat);
        }
        lookAtNodes();
        running().forEach(node -> assertThat(lives(node.id()))
                .as("a node that beats lives")
                .isTrue());
        if (seconds > 8 && !running().isEmpty()) {
            assertThat(living).as("who stood still is gone").hasSize(running().size());
        }
    }

    List<Node> running() {
        return nodes.stream().filter(node -> !node.frozen).toList();
    }

    /** Reads who lives; who was declared gone by the server's clock was so by the world's. */
    void lookAtNodes() {
        living = new HashSet<>(
                tx.statement(c -> Sql.of(c, """
                        with late as (update node set gone_at = ? where gone_at > ?)
                        select id from node where gone_at is null""").set(now()).set(now()).list(row -> Sql.uuid(row, "id"))));
    }

    boolean lives(UUID node) {
        return living.contains(node);
    }

    /** Writes a subscription as the API does, and lets one node know at once. */
    void write(Lane lane, Node by) {
        lane.changed = tick();
        model.lanes.put(lane.id, lane);
        tx.statement(c -> Sql.of(c, """
                        with installation as (update instance set routing_version = routing_version + 1),
                        raised as (
                          update tenant set routing_version = routing_version + 1 where id = ?
                          returning id, routing_version)
                        insert into subscription (id, tenant_id, state, state_reason, state_since, config, sink_revision,
                                                  routing_version, created_at, updated_at, deleted_at)
                        select ?, raised.id, ?, ?, ?, ?, ?, raised.routing_version, ?, ?, ? from raised
                        on conflict (id) do update
                        set state = excluded.state, state_reason = excluded.state_reason,
                            state_since = excluded.state_since, sink_revision = excluded.sink_revision,
                            routing_version = excluded.routing_version, deleted_at = excluded.deleted_at""")
                .set(TENANT)
                .set(lane.id)
                .set(lane.state)
                .set(lane.reason)
                .set(lane.since)
                .set(config(lane))
                .set(Integer.valueOf(lane.sinkRevision))
                .set(now())
                .set(now())
                .set(lane.deletedAt)
                .update());
        by.learn();
    }

    private static String config(Lane lane) {
        String types = lane.type == null ? "" : ",\"types\":[\"%s\"]".formatted(lane.type);
        return """
                {"sink":"https://receiver.example/"%s,"protocolsettings":{"maxinflight":%d,
                 "retry":{"schedule":["PT5S","PT10M"],"jitter":0,"maxage":"PT1H","final":[400]}}}""".formatted(types, Node.MOST_INFLIGHT);
    }

    void setState(Lane lane, String state, @Nullable String reason, Node by) {
        lane.state = state;
        lane.reason = reason;
        lane.since = now();
        lane.deletedAt = state.equals("deleted") ? now() : null;
        write(lane, by);
    }

    /** A new sink is not bound by the Retry-After of the old one. */
    void moveSink(Lane lane, Node by) {
        lane.sinkRevision++;
        lane.gate = null;
        tx.statement(c -> Sql.of(c, "delete from gate where subscription_id = ?")
                .set(lane.id)
                .update());
        write(lane, by);
    }

    /** The receiver said 410. Returns whether the subscription is disabled with the sink that was attempted. */
    boolean disable(UUID id, int sinkRevision, Node by) {
        Lane lane = model.lanes.get(id);
        if (lane == null || lane.deletedAt != null || lane.sinkRevision != sinkRevision) {
            return false;
        }
        if (!lane.state.equals("disabled")) {
            setState(lane, "disabled", "gone", by);
        }
        return true;
    }

    Map<UUID, Row> read(Collection<UUID> ids) {
        if (ids.isEmpty()) {
            return Map.of();
        }
        IdRange range = IdRange.of(ids);
        return byId(tx.statement(c -> Sql.of(c, Row.SELECT + "d.id = any(?) and d.id between ? and ?")
                .uuids(ids)
                .set(range.low())
                .set(range.high())
                .list(Row::read)));
    }

    static Map<UUID, Row> byId(Collection<Row> rows) {
        Map<UUID, Row> byId = new LinkedHashMap<>();
        rows.forEach(row -> byId.put(row.id(), row));
        return byId;
    }

    /**
     * Runs what leads from the model's rows to these. Where it breaks, each row may have come there or not.
     *
     * @param atomic it is one transaction: where it breaks, all have come there or none
     * @return whether its caller knows that it is done
     */
    boolean lead(Collection<Row> to, boolean atomic, boolean unwinding, Runnable action) {
        DatabaseException failure = null;
        mayBreak();
        try {
            action.run();
        } catch (DatabaseException thrown) {
            failure = thrown;
        }
        boolean whole = database.mend();
        if (whole && failure != null) {
            throw failure;
        }
        Map<UUID, Row> after = byId(to);
        Map<UUID, Row> found = read(after.keySet());
        Set<Boolean> arrived = new HashSet<>();
        after.forEach((id, row) -> {
            Row is = found.get(id);
            Row was = model.row(id);
            if (!whole && was.equals(is) && !was.equals(row)) {
                arrived.add(false);
            } else {
                assertThat(is).isEqualTo(row);
                if (!was.equals(row)) {
                    arrived.add(true);
                }
            }
        });
        assertThat(arrived).as("all or none").hasSizeLessThanOrEqualTo(atomic ? 1 : 2);
        model.become(found.values(), unwinding);
        return failure == null;
    }

    boolean lead(Collection<Row> to, boolean atomic, Runnable action) {
        return lead(to, atomic, false, action);
    }

    /** Whether the table has the lane closed until then. */
    boolean gateIs(Lane lane, Instant until) {
        return tx.statement(c -> Sql.of(c, "select closed_until from gate where subscription_id = ?")
                        .set(lane.id)
                        .list(row -> Sql.instant(row, "closed_until")))
                .contains(until);
    }

    /** Everything in the tables is what the model says. */
    void check() {
        Map<UUID, Row> found =
                byId(tx.statement(c -> Sql.of(c, Row.SELECT + "true").list(Row::read)));
        assertThat(model.differences(found)).as("step %d", step).isEmpty();
        List<UUID> subscriptions =
                tx.statement(c -> Sql.of(c, "select id from subscription").list(row -> Sql.uuid(row, "id")));
        assertThat(subscriptions).containsExactlyInAnyOrderElementsOf(model.lanes.keySet());
        checkGates();
        checkJobs();
        Invariants.hold(tx);
    }

    private void checkGates() {
        Map<UUID, Gate> expected = new HashMap<>();
        model.lanes.values().forEach(lane -> {
            if (lane.gate != null) {
                expected.put(lane.id, lane.gate);
            }
        });
        Map<UUID, String> found = new HashMap<>();
        tx.statement(c -> Sql.of(c, "select * from gate")
                .list(row -> found.put(
                        Sql.uuid(row, "subscription_id"),
                        row.getInt("sink_revision") + " " + Sql.instant(row, "closed_until"))));
        found.keySet().retainAll(model.lanes.keySet());
        Map<UUID, String> told = new HashMap<>();
        expected.forEach((id, gate) -> told.put(id, gate.sinkRevision() + " " + gate.until()));
        assertThat(found).as("gates").isEqualTo(told);
    }

    private void checkJobs() {
        List<UUID> over = new ArrayList<>();
        tx.statement(c -> Sql.of(c, "select * from replay").list(row -> {
            UUID id = Sql.uuid(row, "id");
            Job job = model.jobs.get(id);
            if (job != null) {
                assertThat("%d %d %d %d %d"
                                .formatted(
                                        row.getInt("queued"),
                                        row.getInt("delivered"),
                                        row.getInt("failed"),
                                        row.getInt("cancelled"),
                                        row.getInt("left")))
                        .as("queued, delivered, failed, cancelled, left of replay %s", id)
                        .isEqualTo(
                                "%d %d %d %d %d".formatted(job.queued, job.delivered, job.failed, job.ended, job.left));
                if (!row.getString("state").equals("running") && row.getInt("open") == 0) {
                    over.add(id);
                }
            }
            return id;
        }));
        over.forEach(model.jobs::remove);
    }

    /** The ids of deliveries carry their event's day. */
    static boolean isIn(LocalDate day, UUID id) {
        return Ids.timeOf(id).atZone(ZoneOffset.UTC).toLocalDate().equals(day);
    }

    @Override
    public void close() {
        nodes.forEach(Node::kill);
        pool.close();
    }
}
