package dev.fanfare.delivery;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.event.EventStore;
import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Takes due deliveries out of the queue, lane by lane: never by due time over all lanes, since one backlog would starve
 * the others.
 */
@Singleton
public class ClaimStore {
    /**
     * Longer than any statement may run: a row can become visible this long after its due time, so a look or a lane's
     * floor steps back by it.
     */
    public static final Duration SLACK = Duration.ofSeconds(15);

    private static final Logger LOG = Logger.getLogger(ClaimStore.class);

    private final Tx tx;

    public ClaimStore(Tx tx) {
        this.tx = tx;
    }

    /**
     * How much one lane wants.
     *
     * @param floor rows due before it are left to the full look: dead index entries at the queue's head cost nothing
     */
    public record Want(UUID subscriptionId, int room, Instant floor) {}

    /** A claimed delivery and when it had been due. */
    public record Due(Claim claim, Instant dueAt) {}

    /** Lanes in which something became due after {@code since}, seen from {@link #SLACK} before it. */
    public Set<UUID> lanesDue(Instant since, Instant now) {
        return tx.statement(connection -> new TreeSet<>(Sql.of(connection, """
                        select distinct subscription_id from queue
                        -- what waits has no node; said for the index on due_at, which no claim may use
                        where due_at > ? and due_at <= ? and node is null""")
                .set(since.minus(SLACK))
                .set(now)
                .list(rows -> Sql.uuid(rows, "subscription_id"))));
    }

    /** All lanes in which something is due: a loose scan of the index, one step per lane. */
    public Set<UUID> allLanesDue(Instant now) {
        return tx.statement(connection ->
                new TreeSet<>(Sql.of(connection, """
                        with recursive lane as (
                          (select subscription_id, due_at from queue where due_at is not null
                           order by subscription_id, due_at limit 1)
                          union all
                          select next.* from lane cross join lateral (
                            select subscription_id, due_at from queue
                            where due_at is not null and subscription_id > lane.subscription_id
                            order by subscription_id, due_at limit 1) next
                        )
                        select subscription_id from lane where due_at <= ?""").set(now).list(rows -> Sql.uuid(rows, "subscription_id"))));
    }

    /**
     * Claims for a node what is due, at most each lane's room, oldest due first.
     *
     * @return in the order in which they were due; empty when the node is no longer registered
     */
    public List<Due> claim(UUID node, Collection<Want> wants, Instant now) {
        List<Due> claimed = new ArrayList<>(tx.run(connection -> {
            Plans.anew(connection);
            return Sql.of(connection, """
                        with picked as materialized (
                          select due.*
                          from unnest(?, ?, ?) as want(lane, room, floor)
                          cross join lateral (
                            select q.id, q.subscription_id, q.claim_no + 1 as claim_no, q.attempts, q.step, q.lost,
                                   q.replay_id, q.first_attempt_at, q.due_at
                            from queue q
                            where q.subscription_id = want.lane and q.due_at between want.floor and ?
                            order by q.due_at
                            limit want.room
                            for update skip locked) due
                          -- an expelled node claims nothing
                          where exists (select from node where id = ? and gone_at is null)
                        ),
                        taken as (
                          update queue set due_at = null, node = ?, claim_no = claim_no + 1
                          where id = any(array(select id from picked))
                        )
                        select * from picked""")
                    .uuids(wants, Want::subscriptionId)
                    .ints(wants, Want::room)
                    .times(wants, Want::floor)
                    .set(now)
                    .set(node)
                    .set(node)
                    .list(rows -> new Due(
                            new Claim(
                                    node,
                                    Sql.uuid(rows, "id"),
                                    Sql.uuid(rows, "subscription_id"),
                                    rows.getInt("claim_no"),
                                    false,
                                    rows.getInt("attempts"),
                                    rows.getInt("step"),
                                    rows.getInt("lost"),
                                    rows.getObject("replay_id", UUID.class),
                                    Sql.instant(rows, "first_attempt_at")),
                            rows.getTimestamp("due_at").toInstant()));
        }));
        claimed.sort(Comparator.comparing(Due::dueAt));
        return claimed;
    }

    /**
     * Claims with their events, as far as memory goes.
     *
     * @param claimed in the order of the claims; what history no longer has is left out
     * @param over claims whose events were not read, because those before them fill the memory
     * @param unreadable claims whose events are no events
     */
    public record Loaded(List<Claimed> claimed, List<Claim> over, List<Claim> unreadable) {}

    /** Reads the events of claims, whatever their size. */
    public List<Claimed> load(Collection<Claim> claims) {
        return load(claims, Long.MAX_VALUE).claimed();
    }

    /**
     * Reads the events of claims, at least one, until they take {@code mostBytes} of heap: what
     * {@link WireEvent#heapBytes()} will say of each, and {@link Claimed#HEAP_BYTES} of each claim.
     */
    public Loaded load(Collection<Claim> claims, long mostBytes) {
        return tx.run(connection -> {
            Plans.byPrimaryKey(connection);
            Map<UUID, Sent> sent = sent(connection, claims);
            Set<UUID> eventIds = sent.values().stream().map(Sent::eventId).collect(Collectors.toSet());
            long sharing = (long) Claimed.HEAP_BYTES * (sent.size() - eventIds.size());
            Map<UUID, Found> events = events(connection, eventIds, Math.max(1, mostBytes - sharing));
            Loaded loaded = new Loaded(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
            for (Claim claim : claims) {
                Sent what = sent.get(claim.id());
                Found event = what == null ? null : events.get(what.eventId());
                if (what == null || event == null) {
                    continue; // history no longer has it
                }
                if (event instanceof Stored stored) {
                    loaded.claimed().add(new Claimed(claim, stored.tenantId(), what.webhookId(), stored.event()));
                } else {
                    (event == NoEvent.BEYOND ? loaded.over() : loaded.unreadable()).add(claim);
                }
            }
            return loaded;
        });
    }

    /** What a delivery sends, and under which id. */
    private record Sent(UUID eventId, UUID webhookId) {}

    private sealed interface Found {}

    private record Stored(UUID tenantId, WireEvent event) implements Found {}

    private enum NoEvent implements Found {
        /** Beyond the memory. */
        BEYOND,
        UNREADABLE
    }

    private static Map<UUID, Sent> sent(Connection connection, Collection<Claim> claims) throws SQLException {
        Map<UUID, Sent> sent = new HashMap<>();
        List<UUID> ids = claims.stream().map(Claim::id).toList();
        IdRange range = IdRange.of(ids);
        Sql.of(connection, """
                        select id, event_id, coalesce(webhook_id, id) as webhook_id from delivery
                        where id = any(?) and id between ? and ?""")
                .uuids(ids)
                .set(range.low())
                .set(range.high())
                .list(rows -> sent.put(
                        Sql.uuid(rows, "id"), new Sent(Sql.uuid(rows, "event_id"), Sql.uuid(rows, "webhook_id"))));
        return sent;
    }

    private static Map<UUID, Found> events(Connection connection, Set<UUID> ids, long mostBytes) throws SQLException {
        Map<UUID, Found> events = new HashMap<>();
        if (ids.isEmpty()) {
            return events;
        }
        IdRange range = IdRange.of(ids);
        Sql.of(connection, """
                        select sized.id, beyond, whole.*
                        from (
                          select e.*,
                                 coalesce(sum(? + ? * size.attributes + ? * size.entries + size.data)
                                   over (order by e.id rows between unbounded preceding and 1 preceding), 0) >= ? as beyond
                          from event e
                          cross join lateral (select
                              octet_length(e.ce_id) + octet_length(e.source) + octet_length(e.type)
                                + octet_length(concat(e.subject, e.time, e.datacontenttype, e.dataschema, e.extensions))
                                as attributes,
                              -- data is not fetched for its length
                              coalesce(octet_length(e.data), 0)::bigint * case e.data_kind when 'json' then ? else ? end
                                as data,
                              -- a colon each, at least
                              coalesce(length(e.extensions) - length(replace(e.extensions, ':', '')), 0) as entries) size
                          where e.id = any(?) and e.id between ? and ?) sized
                        left join lateral (
                          select tenant_id, ce_id, source, type, subject, time, datacontenttype, dataschema,
                                 sized.extensions, data_kind, data
                          where not beyond) whole on true""")
                .set((long) WireEvent.OBJECT_BYTES + Claimed.HEAP_BYTES)
                .set((long) WireEvent.COPIES)
                .set((long) WireEvent.EXTENSION_BYTES)
                .set(mostBytes)
                .set((long) WireEvent.JSON_COPIES)
                .set((long) WireEvent.COPIES)
                .uuids(ids)
                .set(range.low())
                .set(range.high())
                .list(rows ->
                        events.put(Sql.uuid(rows, "id"), rows.getBoolean("beyond") ? NoEvent.BEYOND : read(rows)));
        return events;
    }

    private static Found read(ResultSet rows) throws SQLException {
        try {
            return new Stored(Sql.uuid(rows, "tenant_id"), EventStore.read(rows));
        } catch (IllegalArgumentException rotten) {
            LOG.errorf(rotten, "Event %s cannot be read", Sql.uuid(rows, "id"));
            return NoEvent.UNREADABLE;
        }
    }
}
