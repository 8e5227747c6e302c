package dev.fanfare.testing;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.event.EventStore;
import dev.fanfare.platform.DayPartitions;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Writes rows as accept, claim and settle leave them, for tests of those who only look. */
public final class History {
    /** The day on which it all happens. */
    public static final Instant NOON = Instant.parse("2026-03-10T12:00:00Z");

    private final Tx tx;
    private final UUID tenant;

    public History(Tx tx) {
        this(tx, TestPostgres.TENANT);
    }

    private History(Tx tx, UUID tenant) {
        this.tx = tx;
        this.tenant = tenant;
    }

    public UUID tenant() {
        return tenant;
    }

    /** The history of another tenant. */
    public History ofAnotherTenant() {
        UUID other = UUID.randomUUID();
        write(sql -> sql.set(other).set("t-" + other), "insert into tenant (id, name) values (?, ?)");
        return new History(tx, other);
    }

    /** Partitions of that day and of so many days after it. */
    public History days(Instant first, int more) {
        new DayPartitions(tx).ensure(first, more);
        return this;
    }

    public UUID subscription(String state) {
        UUID id = UUID.randomUUID();
        write(sql -> sql.set(id).set(tenant).set(state).set(state.equals("disabled") ? "gone" : null), """
                insert into subscription (id, tenant_id, state, state_reason, state_since, config, routing_version,
                                          created_at, updated_at)
                values (?, ?, ?, ?, now(), '{}', 1, now(), now())""");
        return id;
    }

    public void state(UUID subscription, String state) {
        write(sql -> sql.set(state).set(subscription), "update subscription set state = ? where id = ?");
    }

    /** A node that holds nothing below that time. */
    public UUID node(Instant floor) {
        UUID id = UUID.randomUUID();
        write(
                sql -> sql.set(id).set(UUID.randomUUID()).set(Ids.lowest(floor)),
                "insert into node (id, place, floor) values (?, ?, ?)");
        return id;
    }

    public UUID event(Instant at, String ceId, String source, String type, @Nullable String subject) {
        return event(
                at,
                WireEvent.stored(
                        ceId,
                        source,
                        type,
                        subject,
                        null,
                        "text/plain",
                        null,
                        null,
                        WireEvent.DataKind.TEXT,
                        "hi".getBytes(StandardCharsets.UTF_8)));
    }

    public UUID event(Instant at, WireEvent event) {
        UUID id = Ids.at(at);
        write(
                sql -> sql.set(id)
                        .set(tenant)
                        .set(event.id())
                        .set(event.source())
                        .set(event.type())
                        .set(event.subject())
                        .set(event.time())
                        .set(event.datacontenttype())
                        .set(event.dataschema())
                        .set(event.extensionsJson())
                        .set(event.dataKind().name().toLowerCase(Locale.ROOT))
                        .set(event.dataKind() == WireEvent.DataKind.NONE ? null : event.dataBytes()),
                """
                insert into event (id, tenant_id, ce_id, source, type, subject, time, datacontenttype, dataschema,
                                   extensions, data_kind, data) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""");
        return id;
    }

    /** What dedupe remembers of an event; {@code generation}: current or previous. */
    public void identity(String generation, UUID event, String source, String ceId) {
        write(
                sql -> sql.set(EventStore.key(tenant, source, ceId)).set(event).set(new byte[32]),
                "insert into identity_" + generation + " (key, event_id, content) values (?, ?, ?)");
    }

    public UUID delivery(Instant at, UUID subscription, String type, String state, @Nullable String reason) {
        return delivery(Ids.at(at), Ids.at(at), subscription, type, state, reason);
    }

    public UUID delivery(UUID id, UUID event, UUID subscription, String type, String state, @Nullable String reason) {
        boolean settled = !state.equals("pending") && !state.equals("inflight");
        write(
                sql -> sql.set(id)
                        .set(tenant)
                        .set(event)
                        .set(subscription)
                        .set(type)
                        .set(state)
                        .set(reason)
                        .set(state.equals("dead"))
                        .set(state.equals("inflight") ? UUID.randomUUID() : null)
                        .set(settled ? Ids.timeOf(id).plusSeconds(1) : null)
                        .set(settled ? 1 : 0),
                """
                insert into delivery (id, tenant_id, event_id, subscription_id, event_type, state, reason, dead, node,
                                      settled_at, attempts) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""");
        return id;
    }

    /** A delivery with a row in the queue: due after a failure, or claimed by a node. */
    public UUID queued(Instant at, UUID subscription, String type, @Nullable String reason, @Nullable UUID claimedBy) {
        return queued(Ids.at(at), Ids.at(at), subscription, type, reason, claimedBy);
    }

    public UUID queued(
            UUID id, UUID event, UUID subscription, String type, @Nullable String reason, @Nullable UUID claimedBy) {
        delivery(id, event, subscription, type, "pending", null);
        Instant at = Ids.timeOf(id);
        write(
                sql -> sql.set(id)
                        .set(subscription)
                        .set(claimedBy == null ? at.plusSeconds(300) : null)
                        .set(at)
                        .set(claimedBy)
                        .set(reason == null ? 0 : 2)
                        .set(reason == null ? null : (Integer) 503)
                        .set(reason),
                """
                insert into queue (id, subscription_id, due_at, queued_at, node, attempts, last_status, reason,
                                   claim_no, step) values (?, ?, ?, ?, ?, ?, ?, ?, 1, 0)""");
        return id;
    }

    /** So many delivered ones, a millisecond apart, from that time on. */
    public void manyDelivered(Instant first, UUID subscription, int count) {
        write(sql -> sql.set(tenant).set(subscription).set(first.toEpochMilli()).set(count), """
                insert into delivery (id, event_id, tenant_id, subscription_id, event_type, state, settled_at)
                select id, id, ?, ?, 'many', 'delivered', now()
                from (select ? + n as ms from generate_series(0, ? - 1) n) times,
                     lateral (select (lpad(to_hex(ms), 12, '0') || '70008000000000000000')::uuid as id) ids""");
    }

    /** So many that wait in a lane and have no history, a millisecond apart, from that time on. */
    public void manyWaiting(Instant first, UUID subscription, int count) {
        write(sql -> sql.set(subscription).set(first.toEpochMilli()).set(count), """
                insert into queue (id, subscription_id, due_at, queued_at, attempts, claim_no, step)
                select (lpad(to_hex(ms), 12, '0') || '70008000000000000000')::uuid, ?, now(), now(), 0, 1, 0
                from (select ? + n as ms from generate_series(0, ? - 1) n) times""");
    }

    /** The state in the table. */
    public String stored(UUID delivery) {
        return tx.statement(connection -> Sql.of(connection, "select state from delivery where id = ?")
                .set(delivery)
                .list(rows -> rows.getString("state"))
                .get(0));
    }

    /** So many events of that type, a millisecond apart, from that time on. */
    public void manyEvents(Instant first, String type, int count) {
        write(sql -> sql.set(tenant).set(type).set(first.toEpochMilli()).set(count), """
                insert into event (id, tenant_id, ce_id, source, type, data_kind)
                select (lpad(to_hex(ms), 12, '0') || '70008000000000000000')::uuid, ?, 'n', '/many', ?, 'none'
                from (select ? + n as ms from generate_series(0, ? - 1) n) times""");
    }

    public void attempt(
            UUID delivery,
            int number,
            @Nullable Integer status,
            @Nullable String reason,
            byte @Nullable [] headers,
            byte @Nullable [] body) {
        write(
                sql -> sql.set(delivery)
                        .set(number)
                        .set(number)
                        .set(Ids.timeOf(delivery).plusSeconds(number))
                        .set(status)
                        .set(reason)
                        .set(headers)
                        .set(body),
                """
                insert into attempt (delivery_id, claim_no, number, started_at, duration_ms, status, reason, address,
                                     response_headers, response_body)
                values (?, ?, ?, ?, 7, ?, ?, '192.0.2.1', ?, ?)""");
    }

    @FunctionalInterface
    private interface Binder {
        Sql bind(Sql sql) throws SQLException;
    }

    private void write(Binder parameters, String sql) {
        tx.statement(connection -> parameters.bind(Sql.of(connection, sql)).update());
    }
}
