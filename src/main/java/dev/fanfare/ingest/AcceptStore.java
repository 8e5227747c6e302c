package dev.fanfare.ingest;

import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The accept transaction: identity, events, deliveries and what must wait, in one statement where it is not too large. */
@Singleton
public class AcceptStore {
    /** Events and deliveries of one statement: half a second's work, so that a request behind it is still in time. */
    static final int MOST_ROWS = 20_000;

    private final Tx tx;

    public AcceptStore(Tx tx) {
        this.tx = tx;
    }

    /**
     * What an accept came to.
     *
     * @param stored ids of the events that were inserted
     * @param versions the tenants' routing versions as the statement saw them
     * @param nodeRegistered false: the node has been expelled and nothing was inserted
     */
    record Result(Set<UUID> stored, Map<UUID, Long> versions, boolean nodeRegistered) {
        /** Whether the tenant's subscriptions are others than those that the row was matched against. */
        boolean isStale(AcceptRow row) {
            Long version = versions.get(row.tenantId());
            return version == null || version != row.routingVersion();
        }
    }

    /** The first copy of an event. */
    record First(UUID eventId, byte[] content) {}

    private record Delivery(AcceptRow row, AcceptRow.Target target) {}

    private record Line(@Nullable UUID event, @Nullable UUID tenant, long version, boolean registered) {}

    /**
     * Inserts what is new: rows whose key nobody has, and whose tenant's subscriptions are still at the version that
     * they were matched against.
     *
     * @param lockVersions holds the tenants' versions still while it runs
     */
    Result accept(UUID node, List<AcceptRow> rows, Instant now, boolean lockVersions) {
        if (rows.stream().mapToInt(AcceptRow::size).sum() <= MOST_ROWS) {
            return tx.statement(connection -> run(connection, node, rows, now, lockVersions));
        }
        return tx.run(connection -> runInParts(connection, node, rows, now, lockVersions));
    }

    /** A request with more rows than a statement takes: it is still stored whole or not at all. */
    private static Result runInParts(
            Connection connection, UUID node, List<AcceptRow> rows, Instant now, boolean lockVersions)
            throws SQLException {
        // in the order of the statement's own keys, for two replicas with the same request; copies stay as they came
        List<AcceptRow> left = new ArrayList<>(rows);
        left.sort((a, b) -> Arrays.compareUnsigned(a.key(), b.key()));
        Set<UUID> stored = new HashSet<>();
        while (true) {
            int size = 0;
            int count = 0;
            while (count < left.size() && size < MOST_ROWS) {
                size += left.get(count++).size();
            }
            List<AcceptRow> part = left.subList(0, count);
            Result result = run(connection, node, part, now, lockVersions);
            if (!result.nodeRegistered() || part.stream().anyMatch(result::isStale)) {
                connection.rollback();
                return new Result(Set.of(), result.versions(), result.nodeRegistered());
            }
            stored.addAll(result.stored());
            part.clear();
            if (left.isEmpty()) {
                return new Result(stored, result.versions(), true);
            }
        }
    }

    private static Result run(Connection connection, UUID node, List<AcceptRow> rows, Instant now, boolean lockVersions)
            throws SQLException {
        List<Delivery> deliveries = new ArrayList<>();
        Set<UUID> tenants = new HashSet<>();
        for (AcceptRow row : rows) {
            tenants.add(row.tenantId());
            row.targets().forEach(target -> deliveries.add(new Delivery(row, target)));
        }
        List<Delivery> waiting =
                deliveries.stream().filter(d -> !d.target().direct()).toList();
        List<Line> lines = Sql.of(connection, """
                        with me as (select id from node where id = ? and gone_at is null),
                        current as materialized (select id, routing_version from tenant where id = any(?) %s),
                        fresh as (
                          insert into identity_current (key, event_id, content)
                          select i.key, i.id, i.content
                          from unnest(?, ?, ?, ?, ?) with ordinality as i(id, tenant_id, version, key, content, place)
                          join current c on c.id = i.tenant_id and c.routing_version = i.version
                          where exists (select from me)
                            and not exists (select from identity_previous p where p.key = i.key)
                          -- two replicas with the same keys must not wait for each other crosswise; of copies in
                          -- here the one that came first is the event
                          order by i.key, i.place
                          on conflict (key) do nothing
                          returning event_id
                        ),
                        -- "(... in ...) is true": looked up in a hash; as a join, with the planner's guess of ten rows,
                        -- it would be a loop in a loop
                        stored as (
                          insert into event (id, tenant_id, ce_id, source, type, subject, time, datacontenttype,
                                             dataschema, extensions, data_kind, data)
                          select w.* from unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                            as w(id, tenant_id, ce_id, source, type, subject, time, datacontenttype, dataschema,
                                 extensions, data_kind, data)
                          where (w.id in (select event_id from fresh)) is true
                        ),
                        placed as (
                          insert into delivery (id, event_id, subscription_id, tenant_id, event_type, state, node)
                          select w.id, w.event_id, w.subscription_id, w.tenant_id, w.event_type,
                                 case when w.direct then 'inflight' else 'pending' end,
                                 case when w.direct then (select id from me) end
                          from unnest(?, ?, ?, ?, ?, ?)
                            as w(id, event_id, subscription_id, tenant_id, event_type, direct)
                          where (w.event_id in (select event_id from fresh)) is true
                        ),
                        queued as (
                          insert into queue (id, subscription_id, due_at, queued_at, claim_no, attempts, step)
                          select w.id, w.subscription_id, ?, ?, 1, 0, 0
                          from unnest(?, ?, ?) as w(id, event_id, subscription_id)
                          where (w.event_id in (select event_id from fresh)) is true
                        )
                        select event_id as event, null::uuid as tenant, 0 as version, true as registered from fresh
                        union all
                        select null, id, routing_version, exists (select from me) from current""".formatted(lockVersions ? "for share" : ""))
                .set(node)
                .uuids(tenants)
                .uuids(rows, AcceptRow::eventId)
                .uuids(rows, AcceptRow::tenantId)
                .longs(rows, AcceptRow::routingVersion)
                .bytes(rows, AcceptRow::key)
                .bytes(rows, AcceptRow::content)
                .uuids(rows, AcceptRow::eventId)
                .uuids(rows, AcceptRow::tenantId)
                .texts(rows, r -> r.event().id())
                .texts(rows, r -> r.event().source())
                .texts(rows, r -> r.event().type())
                .texts(rows, r -> r.event().subject())
                .texts(rows, r -> r.event().time())
                .texts(rows, r -> r.event().datacontenttype())
                .texts(rows, r -> r.event().dataschema())
                .texts(rows, r -> r.event().extensionsJson())
                .texts(rows, r -> r.event().dataKind().name().toLowerCase(Locale.ROOT))
                .bytes(rows, AcceptStore::data)
                .uuids(deliveries, d -> d.target().deliveryId())
                .uuids(deliveries, d -> d.row().eventId())
                .uuids(deliveries, d -> d.target().subscription().id())
                .uuids(deliveries, d -> d.row().tenantId())
                .texts(deliveries, d -> d.row().event().type())
                .booleans(deliveries, d -> d.target().direct())
                .set(now)
                .set(now)
                .uuids(waiting, d -> d.target().deliveryId())
                .uuids(waiting, d -> d.row().eventId())
                .uuids(waiting, d -> d.target().subscription().id())
                .list(line -> new Line(
                        line.getObject("event", UUID.class),
                        line.getObject("tenant", UUID.class),
                        line.getLong("version"),
                        line.getBoolean("registered")));
        return result(lines);
    }

    private static Result result(List<Line> lines) {
        Set<UUID> stored = new HashSet<>();
        Map<UUID, Long> versions = new HashMap<>();
        boolean registered = true;
        for (Line line : lines) {
            if (line.event() != null) {
                stored.add(line.event());
            } else if (line.tenant() != null) {
                versions.put(line.tenant(), line.version());
                registered &= line.registered();
            }
        }
        return new Result(stored, versions, registered);
    }

    /** Reads the first copies of keys that an accept did not insert: it could not see them in its own statement. */
    Map<String, First> firstCopies(Collection<AcceptRow> rows) {
        return tx.statement(connection -> {
            Map<String, First> found = new HashMap<>();
            Sql.of(connection, """
                            select encode(i.key, 'hex') as key, i.event_id, i.content
                            from unnest(?) as w(key) cross join lateral (
                              select * from identity_current c where c.key = w.key
                              union all
                              select * from identity_previous p where p.key = w.key) i""")
                    .bytes(rows, AcceptRow::key)
                    .list(line -> found.put(
                            line.getString("key"), new First(Sql.uuid(line, "event_id"), line.getBytes("content"))));
            return found;
        });
    }

    private static byte @Nullable [] data(AcceptRow row) {
        return switch (row.event().dataKind()) {
            case NONE -> null;
            case JSON, TEXT, BINARY -> row.event().dataBytes();
        };
    }
}
