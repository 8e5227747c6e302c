package dev.fanfare.replay;

import dev.fanfare.delivery.DeliveryState;
import dev.fanfare.delivery.IdRange;
import dev.fanfare.delivery.Plans;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Walks history once, in the order of ids, by the narrowest index that the selector allows. Each look is bounded in
 * rows, not in matches, so that it never runs for long.
 */
final class Candidates {
    private static final Instant EPOCH = Instant.EPOCH;

    private final Selector selector;
    private final UUID tenantId;
    private final UUID low;
    private final UUID high;
    private final Instant createdAt;

    Candidates(Selector selector, UUID tenantId, Instant createdAt) {
        this.selector = selector;
        this.tenantId = tenantId;
        this.createdAt = createdAt;
        // ids know milliseconds: the first that begins at from or later, the last that begins before to
        Instant from = later(EPOCH, selector.from()).plusNanos(999_999);
        // other replicas' clocks may be ahead a little; what was accepted later is left out by its state's time
        Instant end = createdAt.plus(Duration.ofSeconds(10));
        Instant to = selector.to() == null || selector.to().isAfter(end) ? end : later(EPOCH, selector.to());
        this.low = Ids.lowest(from);
        // nothing was accepted before 1970, and no id is before the first
        this.high = to.equals(EPOCH) ? new UUID(0, 0) : Ids.highest(to.minusNanos(1));
    }

    private static Instant later(Instant one, @Nullable Instant other) {
        return other == null || other.isBefore(one) ? one : other;
    }

    /**
     * A delivery that was looked at.
     *
     * @param matches it is what the selector means, as it was when the job was made
     * @param claimed a node has it right now
     * @param waitingFor the replay that it waits for already
     * @param wanted its subscription exists
     * @param kept its event exists, and its day is not about to be forgotten
     */
    record Candidate(
            UUID id,
            UUID eventId,
            UUID subscriptionId,
            DeliveryState state,
            @Nullable String reason,
            boolean matches,
            boolean claimed,
            @Nullable UUID waitingFor,
            boolean wanted,
            boolean kept) {}

    /**
     * Looks at up to {@code most} deliveries after the cursor.
     *
     * @param lane only this subscription's; null: all that the selector means
     */
    List<Candidate> look(Connection connection, @Nullable UUID cursor, @Nullable UUID lane, int most)
            throws SQLException {
        Plans.byPrimaryKey(connection);
        List<String> conditions = new ArrayList<>();
        List<Binding> bindings = new ArrayList<>();
        narrow(conditions, bindings);
        String order = walk(conditions, bindings, cursor == null ? low : cursor, lane, most);
        Sql sql = Sql.of(connection, """
                with looked as materialized (
                  select d.id, d.event_id, d.subscription_id, d.tenant_id, d.event_type, d.state, d.reason,
                         d.settled_at
                  from delivery d
                  where %s d.id > ? and d.id between ? and ?
                  order by %s limit ?
                )
                select l.*, q.node is not null as claimed, q.replay_id as waiting_for, s.id is not null as wanted,
                       e.id is not null and l.id >= (select kept_from from retention) as kept,
                       l.tenant_id = ? and l.state = coalesce(?, l.state)
                         -- what came to this state after the job was made is not meant
                         and coalesce(l.settled_at, q.queued_at, '-infinity') <= ?
                         and (?::text is null or coalesce(l.reason, q.reason) = ?)
                         and (?::text is null or l.event_type = ?)
                         and (?::text is null or e.source = ?)
                         and (?::uuid is null or l.subscription_id = ?) as matches
                from looked l
                left join lateral (select * from queue where id = l.id offset 0) q on true
                left join subscription s on s.id = l.subscription_id and s.deleted_at is null
                left join event e on e.id = l.event_id and e.id between ? and ?
                order by l.id""".formatted(String.join("", conditions), order));
        for (Binding binding : bindings) {
            binding.to(sql);
        }
        sql.set(cursor == null ? new UUID(0, 0) : cursor)
                .set(low)
                .set(high)
                .set(most)
                .set(tenantId)
                .set(selector.state() == null ? null : selector.state().word())
                .set(createdAt);
        for (String text : new @Nullable String[] {selector.reason(), selector.type(), selector.source()}) {
            sql.set(text).set(text);
        }
        return sql.set(selector.subscription())
                .set(selector.subscription())
                .set(low)
                .set(high)
                .list(Candidates::read);
    }

    @FunctionalInterface
    private interface Binding {
        Sql to(Sql sql) throws SQLException;
    }

    /** The conditions that an index serves; the others are looked at row by row. */
    private void narrow(List<String> conditions, List<Binding> bindings) {
        List<UUID> deliveries = selector.deliveries();
        List<UUID> events = selector.events();
        if (deliveries != null) {
            conditions.add("d.id = any (?) and ");
            bindings.add(sql -> sql.uuids(deliveries));
        }
        if (events != null) {
            IdRange range = IdRange.of(events);
            conditions.add("""
                    d.id = any (array(select x.id from delivery x where x.event_id = any (?) and x.id between ? and ?)) and
                    """);
            bindings.add(sql -> sql.uuids(events).set(range.low()).set(range.high()));
        }
        if (selector.state() == DeliveryState.DEAD) {
            conditions.add("d.dead and ");
        }
    }

    /**
     * The order of the walk: always by id, and where an index on a subscription or on a tenant's dead serves it, written so
     * that no other index can. Else the planner may go by the primary key and through a whole day for a thousand rows.
     * What is pending is in the queue, however long history is.
     */
    private String walk(List<String> conditions, List<Binding> bindings, UUID from, @Nullable UUID lane, int most) {
        UUID subscription = lane == null ? selector.subscription() : lane;
        if (selector.deliveries() != null || selector.events() != null) {
            // few, and by their ids
            if (lane != null) {
                conditions.add("d.subscription_id = ? and ");
                bindings.add(sql -> sql.set(lane));
            }
            return "d.id";
        }
        if (selector.state() == DeliveryState.PENDING) {
            conditions.add("""
                    d.id = any (array(
                      select w.id from queue w where %s w.id > ? and w.id <= ? order by w.id limit ?)) and
                    """.formatted(subscription == null ? "" : "w.subscription_id = ? and "));
            bindings.add(sql -> (subscription == null ? sql : sql.set(subscription))
                    .set(from)
                    .set(high)
                    .set(most));
            return "d.id";
        }
        if (subscription == null && selector.state() != DeliveryState.DEAD) {
            return "d.id";
        }
        String column = subscription == null ? "d.tenant_id" : "d.subscription_id";
        UUID value = subscription == null ? tenantId : subscription;
        conditions.add("(%1$s, d.id) > (?, ?) and (%1$s, d.id) <= (?, ?) and ".formatted(column));
        bindings.add(sql -> sql.set(value).set(from).set(value).set(high));
        return column + ", d.id";
    }

    private static Candidate read(ResultSet rows) throws SQLException {
        return new Candidate(
                Sql.uuid(rows, "id"),
                Sql.uuid(rows, "event_id"),
                Sql.uuid(rows, "subscription_id"),
                DeliveryState.valueOf(rows.getString("state").toUpperCase(Locale.ROOT)),
                rows.getString("reason"),
                rows.getBoolean("matches"),
                rows.getBoolean("claimed"),
                rows.getObject("waiting_for", UUID.class),
                rows.getBoolean("wanted"),
                rows.getBoolean("kept"));
    }
}
