package dev.fanfare.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.delivery.IdRange;
import dev.fanfare.platform.DatabaseException;
import dev.fanfare.platform.DayPartitions;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.OwnConnection;
import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import dev.fanfare.testing.Breakable;
import dev.fanfare.testing.Breakable.Side;
import dev.fanfare.testing.SettableClock;
import dev.fanfare.testing.TestPostgres;
import io.agroal.api.AgroalDataSource;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

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
    final Lanes lanes = new Lanes(this);
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

    /** Lets what comes next break, now and then, at one of its statements, of which it may have so many. */
    void mayBreak(int statements) {
        mayBreak(statements, 1);
    }

    /** The same, so many times as often. */
    void mayBreak(int statements, int oftener) {
        if (breaksOneIn > 0 && random.nextInt(breaksOneIn) < oftener) {
            database.breakAt(1 + random.nextInt(statements), random.nextBoolean() ? Side.BEFORE : Side.AFTER);
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
        mayBreak(8);
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
