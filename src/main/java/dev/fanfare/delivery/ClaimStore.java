package dev.fanfare.delivery;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.event.EventStore;
import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Takes due deliveries out of the queue, lane by lane: never by due time over all lanes, since one backlog would starve
 * the others.
 */
@ApplicationScoped
public class ClaimStore {
    /**
     * Longer than any statement may run: a row can become visible this long after its due time, so a look or a lane's
     * floor steps back by it.
     */
    public static final Duration SLACK = Duration.ofSeconds(15);

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
                          select due.id, due.due_at
                          from unnest(?, ?, ?) as want(lane, room, floor)
                          cross join lateral (
                            select q.id, q.due_at from queue q
                            where q.subscription_id = want.lane and q.due_at between want.floor and ?
                            order by q.due_at
                            limit want.room
                            for update skip locked) due
                          -- an expelled node claims nothing
                          where exists (select from node where id = ? and gone_at is null)
                        )
                        update queue q set due_at = null, node = ?, claim_no = q.claim_no + 1
                        from picked where q.id = picked.id
                        returning q.id, q.subscription_id, q.claim_no, q.attempts, q.step, q.lost, q.replay_id,
                                  q.first_attempt_at, picked.due_at""")
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
     */
    public record Loaded(List<Claimed> claimed, List<Claim> over) {}

    /** Reads the events of claims, whatever their size. */
    public List<Claimed> load(Collection<Claim> claims) {
        return load(claims, Long.MAX_VALUE).claimed();
    }

    /**
     * Reads the events of claims, at least one, until they take {@code mostBytes} of heap, each counted for itself: what
     * {@link WireEvent#heapBytes()} will say, and {@link Claimed#HEAP_BYTES}.
     */
    public Loaded load(Collection<Claim> claims, long mostBytes) {
        Map<UUID, Claim> byId = new HashMap<>();
        claims.forEach(claim -> byId.put(claim.id(), claim));
        List<Claim> over = new ArrayList<>();
        Map<UUID, Claimed> loaded = tx.run(connection -> read(connection, byId, Math.max(1, mostBytes), over));
        List<Claimed> claimed = claims.stream()
                .flatMap(claim -> Stream.ofNullable(loaded.get(claim.id())))
                .toList();
        return new Loaded(claimed, over);
    }

    private static Map<UUID, Claimed> read(
            Connection connection, Map<UUID, Claim> claims, long mostBytes, List<Claim> over) throws SQLException {
        IdRange range = IdRange.of(claims.keySet());
        Map<UUID, WireEvent> events = new HashMap<>();
        Map<UUID, Claimed> loaded = new HashMap<>();
        over.clear();
        Plans.byPrimaryKey(connection);
        Sql.of(connection, """
                        select delivery, webhook_id, event_id, beyond, whole.*
                        from (
                          select d.id as delivery, d.webhook_id, d.event_id, e.*,
                                 coalesce(sum(? + ? * size.attributes + ? * size.entries + size.data)
                                   over (order by d.id rows between unbounded preceding and 1 preceding), 0) >= ? as beyond
                          from delivery d join event e on e.id = d.event_id
                          cross join lateral (select
                              octet_length(e.ce_id) + octet_length(e.source) + octet_length(e.type)
                                + octet_length(concat(e.subject, e.time, e.datacontenttype, e.dataschema, e.extensions))
                                as attributes,
                              -- data is not fetched for its length
                              coalesce(octet_length(e.data), 0)::bigint * case e.data_kind when 'json' then ? else ? end
                                as data,
                              -- a colon each, at least
                              coalesce(length(e.extensions) - length(replace(e.extensions, ':', '')), 0) as entries) size
                          where d.id = any(?) and d.id between ? and ? and e.id between ? and ?) sized
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
                .uuids(claims.keySet())
                .set(range.low())
                .set(range.high())
                .set(range.low())
                .set(range.high())
                .list(rows -> {
                    UUID id = Sql.uuid(rows, "delivery");
                    Claim claim = Objects.requireNonNull(claims.get(id));
                    if (rows.getBoolean("beyond")) {
                        return over.add(claim);
                    }
                    UUID eventId = Sql.uuid(rows, "event_id");
                    WireEvent event = events.get(eventId);
                    if (event == null) {
                        event = EventStore.read(rows);
                        events.put(eventId, event);
                    }
                    UUID webhookId = rows.getObject("webhook_id", UUID.class);
                    UUID tenant = Sql.uuid(rows, "tenant_id");
                    return loaded.put(id, new Claimed(claim, tenant, webhookId == null ? id : webhookId, event));
                });
        return loaded;
    }
}
