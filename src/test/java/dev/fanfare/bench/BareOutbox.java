package dev.fanfare.bench;

import dev.fanfare.bench.Ceilings.Ceiling;
import dev.fanfare.platform.DayPartitions;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The rows of accepting an event with its deliveries and of settling them, by as many events in a batch as there are
 * connections: one writer each, in a database of its own in the server's Postgres.
 */
final class BareOutbox {
    private static final int EVENTS = Shape.CONNECTIONS;
    private static final int BATCHES_BETWEEN = 4;
    private static final int WARM_UP_BATCHES = 200;
    private static final UUID TENANT = UUID.fromString("01890000-0000-7000-8000-000000000001");
    private static final byte[] DATA =
            ('"' + "x".repeat(Producer.DATA_BYTES - 2) + '"').getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HEADERS =
            "Server: receiver\r\nDate: Tue, 06 Jan 2026 10:00:00 GMT\r\nContent-Length: 0\r\n"
                    .getBytes(StandardCharsets.US_ASCII);

    private record Event(UUID id, byte[] key) {}

    private record Delivery(UUID id, UUID event) {}

    private final UUID node = UUID.randomUUID();
    private final UUID subscription = UUID.randomUUID();
    private final BlockingQueue<List<Delivery>> accepted = new ArrayBlockingQueue<>(BATCHES_BETWEEN);
    private final MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    private final int fanout;

    private BareOutbox(int fanout) throws Exception {
        this.fanout = fanout;
    }

    /** Deliveries accepted and settled per second, and what Postgres needs for each. */
    static Ceiling measure(Server server, int fanout, int seconds) throws Exception {
        PGSimpleDataSource database = database(server);
        BareOutbox outbox = new BareOutbox(fanout);
        try (Connection acceptor = database.getConnection();
                Connection settler = database.getConnection()) {
            settler.setAutoCommit(false);
            outbox.batches(acceptor, settler, WARM_UP_BATCHES, Long.MAX_VALUE);
            long cpu = ProcessTree.cpuMicros(server.postgresPid());
            long start = System.nanoTime();
            long batches = outbox.batches(
                    acceptor, settler, Integer.MAX_VALUE, System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds));
            double count = (double) batches * EVENTS * fanout;
            double taken = (System.nanoTime() - start) / 1e9;
            return new Ceiling(
                    fanout == 1 ? "bare outbox" : "bare outbox at fan-out " + fanout,
                    count / taken,
                    (ProcessTree.cpuMicros(server.postgresPid()) - cpu) / count);
        }
    }

    private static PGSimpleDataSource database(Server server) throws Exception {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("drop database if exists bench_outbox with (force)");
            statement.execute("create database bench_outbox");
        }
        PGSimpleDataSource database = server.dataSource("bench_outbox");
        Flyway.configure()
                .dataSource(database)
                .schemas("fanfare")
                .createSchemas(true)
                // an index that is built concurrently would wait for the transaction that holds Flyway's lock
                .configuration(Map.of("flyway.postgresql.transactional.lock", "false"))
                .load()
                .migrate();
        new DayPartitions(new Tx(database)).ensure(Instant.now(), 1);
        return database;
    }

    /** Accepts in a thread of its own and settles in this one; returns the number of batches. */
    private int batches(Connection acceptor, Connection settler, int most, long until) throws Exception {
        CompletableFuture<Void> accepting = CompletableFuture.runAsync(() -> {
            try {
                try {
                    for (int i = 0; i < most && System.nanoTime() < until; i++) {
                        accepted.put(accept(acceptor));
                    }
                } finally {
                    accepted.put(List.of());
                }
            } catch (InterruptedException | SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        int count = 0;
        List<Delivery> rows = accepted.take();
        while (!rows.isEmpty()) {
            settle(settler, rows);
            count++;
            rows = accepted.take();
        }
        accepting.join();
        return count;
    }

    private Event event() {
        UUID id = Ids.at(Instant.now());
        return new Event(id, sha256.digest(id.toString().getBytes(StandardCharsets.US_ASCII)));
    }

    private List<Delivery> accept(Connection connection) throws SQLException {
        List<Event> events = Stream.generate(this::event).limit(EVENTS).toList();
        List<Delivery> deliveries = events.stream()
                .flatMap(event -> Stream.generate(() -> new Delivery(Ids.at(Instant.now()), event.id))
                        .limit(fanout))
                .toList();
        Sql.of(connection, """
                        with fresh as (
                          insert into identity_current (key, event_id, content)
                          select key, id, key from unnest(?, ?) as w(key, id) order by key
                        ), stored as (
                          insert into event (id, tenant_id, ce_id, source, type, time, datacontenttype, data_kind, data)
                          select id, ?, ce_id, '/bench', 'bench.bare', '2026-01-06T10:00:00.000Z', 'application/json', 'json', ?
                          from unnest(?, ?) as w(id, ce_id)
                        )
                        insert into delivery (id, event_id, subscription_id, tenant_id, event_type, state, node)
                        select id, event_id, ?, ?, 'bench.bare', 'inflight', ? from unnest(?, ?) as w(id, event_id)""")
                .bytes(events, Event::key)
                .uuids(events, Event::id)
                .set(TENANT)
                .set(DATA)
                .uuids(events, Event::id)
                .texts(events, event -> event.id.toString())
                .set(subscription)
                .set(TENANT)
                .set(node)
                .uuids(deliveries, Delivery::id)
                .uuids(deliveries, Delivery::event)
                .update();
        return deliveries;
    }

    private void settle(Connection connection, List<Delivery> rows) throws SQLException {
        List<UUID> ids = rows.stream().map(Delivery::id).toList();
        Sql.of(connection, """
                        update delivery set state = 'delivered', node = null, attempts = 1, last_status = 200, settled_at = now()
                        where id = any(?) and id between ? and ? and state = 'inflight' and node = ?""")
                .uuids(ids)
                .set(Ids.lowest(Ids.timeOf(ids.get(0))))
                .set(Ids.highest(Ids.timeOf(ids.get(ids.size() - 1))))
                .set(node)
                .update();
        Sql.of(connection, """
                        insert into attempt (delivery_id, claim_no, number, started_at, duration_ms, status, address, response_headers)
                        select id, 1, 1, now(), 1, 200, '127.0.0.1', ? from unnest(?) as w(id)""").set(HEADERS).uuids(ids).update();
        connection.commit();
    }
}
