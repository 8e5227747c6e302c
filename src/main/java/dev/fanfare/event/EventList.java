package dev.fanfare.event;

import dev.fanfare.cloudevents.WireEvent;
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

/** Looks at accepted events: one by id, or pages of them newest first. */
@ApplicationScoped
public class EventList {
    private final Tx tx;

    public EventList(Tx tx) {
        this.tx = tx;
    }

    /**
     * Which events; null wants any.
     *
     * @param id the CloudEvents id
     * @param from acceptance time, inclusive
     * @param to acceptance time, exclusive
     */
    public record Filter(
            @Nullable String id,
            @Nullable String source,
            @Nullable String type,
            @Nullable String subject,
            @Nullable Instant from,
            @Nullable Instant to) {}

    /**
     * An event without its data.
     *
     * @param size bytes of data
     */
    public record Row(
            UUID event,
            String id,
            String source,
            String type,
            @Nullable String subject,
            @Nullable String time,
            @Nullable String datacontenttype,
            int size) {}

    /** The tenant's event of that id. */
    public Optional<WireEvent> find(UUID tenantId, UUID id) {
        return tx
                .statement(connection -> Sql.of(connection, "select * from event where id = ? and tenant_id = ?")
                        .set(id)
                        .set(tenantId)
                        .list(EventStore::read))
                .stream()
                .findFirst();
    }

    /** Whether the tenant has an event of that id. */
    public boolean exists(UUID tenantId, UUID id) {
        return !tx.statement(connection -> Sql.of(connection, "select id from event where id = ? and tenant_id = ?")
                        .set(id)
                        .set(tenantId)
                        .list(rows -> Sql.uuid(rows, "id")))
                .isEmpty();
    }

    /**
     * A page. With {@code id} and {@code source} the first one is what dedupe knows, without a scan; older events of
     * the same name, from before the dedupe window, are on the next ones.
     */
    public Page<Row> page(UUID tenantId, Filter filter, int limit, @Nullable Cursor at) {
        return tx.snapshot(connection -> {
            PageSpan all = PageSpan.of(filter.from(), filter.to(), at);
            UUID named = at == null ? named(connection, tenantId, filter, all) : null;
            if (named != null) {
                // Nothing newer has that name: it would be the one that dedupe knows.
                List<Row> one = rows(connection, tenantId, filter, PageSpan.only(named), 1);
                return new Page<>(one, Cursor.olderThan(named), null);
            }
            PageSpan span = all.upTo(edge(connection, all));
            List<Row> rows = rows(connection, tenantId, filter, span, limit + 1);
            return Page.of(rows, limit, at, Row::event, span.edge());
        });
    }

    private static @Nullable UUID named(Connection connection, UUID tenantId, Filter filter, PageSpan span)
            throws SQLException {
        String id = filter.id();
        String source = filter.source();
        if (id == null || source == null) {
            return null;
        }
        byte[] key = EventStore.key(tenantId, source, id);
        List<UUID> found = Sql.of(connection, """
                        select event_id from (
                          select event_id from identity_current where key = ?
                          union all
                          select event_id from identity_previous where key = ?) known
                        where event_id >= ? and event_id < ?""")
                .set(key)
                .set(key)
                .set(span.low())
                .set(span.high())
                .list(rows -> Sql.uuid(rows, "event_id"));
        return found.isEmpty() ? null : found.get(0);
    }

    private static @Nullable UUID edge(Connection connection, PageSpan span) throws SQLException {
        List<UUID> last = Sql.of(connection, """
                        select id from event where id >= ? and id < ? order by id %s offset ? limit 1""".formatted(span.order()))
                .set(span.low())
                .set(span.high())
                .set(PageSpan.MOST - 1)
                .list(rows -> Sql.uuid(rows, "id"));
        return last.isEmpty() ? null : last.get(0);
    }

    private static List<Row> rows(Connection connection, UUID tenantId, Filter filter, PageSpan span, int count)
            throws SQLException {
        return Sql.of(connection, """
                        select id, ce_id, source, type, subject, time, datacontenttype,
                               -- of data out of line this reads the length alone
                               coalesce(octet_length(data), 0) as size
                        from event
                        where id >= ? and id < ? and tenant_id = ?
                          and ce_id = coalesce(?, ce_id) and source = coalesce(?, source) and type = coalesce(?, type)
                          and coalesce(subject, '') = coalesce(?, subject, '')
                        order by id %s limit ?""".formatted(span.order()))
                .set(span.low())
                .set(span.high())
                .set(tenantId)
                .set(filter.id())
                .set(filter.source())
                .set(filter.type())
                .set(filter.subject())
                .set(count)
                .list(rows -> new Row(
                        Sql.uuid(rows, "id"),
                        rows.getString("ce_id"),
                        rows.getString("source"),
                        rows.getString("type"),
                        rows.getString("subject"),
                        rows.getString("time"),
                        rows.getString("datacontenttype"),
                        rows.getInt("size")));
    }
}
