package dev.fanfare.delivery;

import dev.fanfare.platform.Cursor;
import dev.fanfare.platform.Page;
import dev.fanfare.platform.PageSpan;
import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Looks at deliveries: one by id, or pages of them newest first. What waits is read from the queue, what is in flight
 * from the queue and the young end of history, the dead from their indexes, the rest from history by its primary key or
 * by subscription.
 */
@ApplicationScoped
public class DeliveryList {
    private final Tx tx;

    public DeliveryList(Tx tx) {
        this.tx = tx;
    }

    /**
     * Which deliveries; null wants any.
     *
     * @param type the event's
     * @param from acceptance time, inclusive
     * @param to acceptance time, exclusive
     */
    public record Filter(
            @Nullable ShownState state,
            @Nullable UUID subscription,
            @Nullable String type,
            @Nullable Reason reason,
            @Nullable Instant from,
            @Nullable Instant to) {}

    /** The tenant's delivery of that id. */
    public Optional<DeliveryView> find(UUID tenantId, UUID id) {
        return tx
                .statement(connection -> Sql.of(connection, """
                                select %s from delivery d
                                left join lateral (select * from queue where id = d.id offset 0) q on true left join subscription s on s.id = d.subscription_id
                                where d.id = ? and d.tenant_id = ?""".formatted(DeliveryView.COLUMNS))
                        .set(id)
                        .set(tenantId)
                        .list(DeliveryView::read))
                .stream()
                .findFirst();
    }

    public Page<DeliveryView> page(UUID tenantId, Filter filter, int limit, @Nullable Cursor at) {
        PageSpan span = PageSpan.of(filter.from(), filter.to(), at);
        return tx.snapshot(connection -> {
            Plans.byPrimaryKey(connection);
            Look look = new Look(connection, tenantId, filter, span, limit, at);
            ShownState state = filter.state();
            if (state == ShownState.PENDING || state == ShownState.HELD) {
                return look.atQueue();
            }
            return state == ShownState.INFLIGHT ? look.atInflight() : look.atHistory();
        });
    }

    /** The deliveries of one event; its own millisecond bounds their ids. */
    public Page<DeliveryView> ofEvent(UUID tenantId, UUID eventId, int limit, @Nullable Cursor at) {
        IdRange range = IdRange.of(List.of(eventId));
        PageSpan cursor = PageSpan.of(null, null, at);
        return tx.snapshot(connection -> {
            Plans.byPrimaryKey(connection);
            List<DeliveryView> rows = Sql.of(connection, """
                            select %s from delivery d
                            left join lateral (select * from queue where id = d.id offset 0) q on true left join subscription s on s.id = d.subscription_id
                            where d.event_id = ? and d.tenant_id = ? and d.id between ? and ? and d.id >= ? and d.id < ?
                            order by d.id %s limit ?""".formatted(DeliveryView.COLUMNS, cursor.order()))
                    .set(eventId)
                    .set(tenantId)
                    .set(range.low())
                    .set(range.high())
                    .set(cursor.low())
                    .set(cursor.high())
                    .set(limit + 1)
                    .list(DeliveryView::read);
            return Page.of(rows, limit, at, DeliveryView::id);
        });
    }

    /** One look, on one snapshot: how far it may go, then what is there. */
    private record Look(
            Connection connection,
            UUID tenantId,
            Filter filter,
            PageSpan span,
            int limit,
            @Nullable Cursor at) {

        private static final String FROM_HISTORY = """
                delivery d
                left join lateral (select * from queue where id = d.id offset 0) q on true left join subscription s on s.id = d.subscription_id""";
        private static final String FROM_QUEUE = """
                queue q
                join delivery d on d.id = q.id left join subscription s on s.id = d.subscription_id""";
        /**
         * Claims from the queue are few: at most what the nodes may have in flight. The offset keeps the planner from
         * beginning with all of history.
         */
        private static final String FROM_INFLIGHT = """
                (select id from queue where node is not null and %s
                 union all
                 select d.id from delivery d where %s and d.state = 'inflight') l
                cross join lateral (select * from delivery where id = l.id offset 0) d
                left join lateral (select * from queue where id = d.id offset 0) q on true left join subscription s on s.id = d.subscription_id""";

        Page<DeliveryView> atHistory() throws SQLException {
            ShownState state = filter.state();
            Conditions source = new Conditions().and("d.subscription_id = ?", filter.subscription());
            if (state == ShownState.DEAD) {
                // the words of the partial indexes
                source.and("d.dead").and("d.tenant_id = ?", tenantId);
            }
            PageSpan looked = span.upTo(edge("delivery d", "d.id", source, span));
            Conditions where = filtered(looked);
            if (state != null) {
                where.and(state == ShownState.DEAD ? "d.dead" : "d.state = '" + state.word() + "'");
            }
            return page(FROM_HISTORY, List.of(), where, looked);
        }

        Page<DeliveryView> atQueue() throws SQLException {
            UUID lane = filter.subscription();
            UUID edge = lane != null && isShort(lane) ? null : edge("queue q", "q.id", new Conditions(), span);
            PageSpan looked = span.upTo(edge);
            Conditions where = filtered(looked)
                    .and("q.id >= ?", looked.low())
                    .and("q.id < ?", looked.high())
                    .and("q.subscription_id = ?", lane)
                    .and("q.due_at is not null")
                    .and(
                            filter.state() == ShownState.PENDING
                                    ? "s.state = 'active'"
                                    : "s.state is distinct from 'active'");
            return page(FROM_QUEUE, List.of(), where, looked);
        }

        Page<DeliveryView> atInflight() throws SQLException {
            UUID low = Sql.of(connection, """
                            select greatest(?, coalesce((select floor from node where gone_at is null
                                                         order by floor limit 1), ?)) as low""")
                    .set(span.low())
                    // no node lives, so nothing is in anybody's hands
                    .set(span.high())
                    .list(rows -> Sql.uuid(rows, "low"))
                    .get(0);
            PageSpan young = new PageSpan(low, span.high(), span.newer(), null);
            Conditions source = new Conditions().and("d.subscription_id = ?", filter.subscription());
            PageSpan looked = span.upTo(edge("delivery d", "d.id", source, young));
            Conditions fresh = new Conditions()
                    .and("d.id >= ?", low)
                    .and("d.id >= ?", looked.low())
                    .and("d.id < ?", looked.high())
                    .and("d.subscription_id = ?", filter.subscription());
            Conditions claimed = new Conditions().and("id >= ?", looked.low()).and("id < ?", looked.high());
            return page(FROM_INFLIGHT.formatted(claimed, fresh), List.of(claimed, fresh), filtered(looked), looked);
        }

        /** The last row that this page may look at; null when there are fewer. */
        private @Nullable UUID edge(String from, String id, Conditions source, PageSpan within) throws SQLException {
            List<UUID> last = source.bind(Sql.of(connection, """
                            select %2$s as id from %1$s where %3$s and %2$s >= ? and %2$s < ?
                            order by %2$s %4$s offset ? limit 1""".formatted(from, id, source, span.order())))
                    .set(within.low())
                    .set(within.high())
                    .set(PageSpan.MOST - 1)
                    .list(rows -> Sql.uuid(rows, "id"));
            return last.isEmpty() ? null : last.get(0);
        }

        /** Whether all that waits in a lane may be looked at. */
        private boolean isShort(UUID lane) throws SQLException {
            return Sql.of(connection, """
                            select count(*) <= ? as short from (
                              select from queue where subscription_id = ? and due_at is not null limit ?) waiting""")
                    .set(PageSpan.MOST)
                    .set(lane)
                    .set(PageSpan.MOST + 1)
                    .list(rows -> rows.getBoolean("short"))
                    .get(0);
        }

        private Conditions filtered(PageSpan looked) {
            Reason reason = filter.reason();
            return new Conditions()
                    .and("d.id >= ?", looked.low())
                    .and("d.id < ?", looked.high())
                    .and("d.tenant_id = ?", tenantId)
                    .and("d.subscription_id = ?", filter.subscription())
                    .and("d.event_type = ?", filter.type())
                    .and(
                            "case when q.id is null then d.reason else q.reason end = ?",
                            reason == null ? null : reason.word());
        }

        private Page<DeliveryView> page(String from, List<Conditions> inFrom, Conditions where, PageSpan looked)
                throws SQLException {
            Sql sql = Sql.of(
                    connection,
                    "select %s\nfrom %s\nwhere %s\norder by d.id %s limit ?"
                            .formatted(DeliveryView.COLUMNS, from, where, span.order()));
            for (Conditions conditions : inFrom) {
                conditions.bind(sql);
            }
            List<DeliveryView> rows = where.bind(sql).set(limit + 1).list(DeliveryView::read);
            return Page.of(rows, limit, at, DeliveryView::id, looked.edge());
        }
    }
}
