package dev.fanfare.delivery;

import dev.fanfare.platform.Ids;
import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/** Puts claims back into the queue that were not attempted: by the node that holds them, or for a node that is gone. */
@ApplicationScoped
public class GiveBackStore {
    private static final int SWEEP_BATCH = 5_000;

    private final Tx tx;

    public GiveBackStore(Tx tx) {
        this.tx = tx;
    }

    /** Gives back claims of this node that it does not want to attempt now; they are due at once. */
    public void giveBack(UUID node, Collection<Claim> claims, Instant now) {
        List<Claim> fresh = claims.stream().filter(Claim::fresh).toList();
        List<ClaimStore.Due> queued = claims.stream()
                .filter(claim -> !claim.fresh())
                .map(claim -> new ClaimStore.Due(claim, now))
                .toList();
        tx.run(connection -> {
            int rows = 0;
            if (!fresh.isEmpty()) {
                rows += freshToQueue(
                        connection, node, fresh.stream().map(Claim::id).toList(), 0, now);
            }
            if (!queued.isEmpty()) {
                rows += queuedToQueue(connection, node, queued);
            }
            return rows;
        });
    }

    private static int queuedToQueue(Connection connection, UUID node, Collection<ClaimStore.Due> claims)
            throws SQLException {
        Plans.hashed(connection);
        return Sql.of(connection, """
                        update queue q set due_at = w.due_at, node = null
                        from unnest(?, ?, ?) as w(id, claim_no, due_at)
                        where q.id = any(?) and q.id = w.id and q.claim_no = w.claim_no
                          and q.node is not distinct from ?""")
                .uuids(claims, due -> due.claim().id())
                .ints(claims, due -> due.claim().number())
                .times(claims, ClaimStore.Due::dueAt)
                .uuids(claims, due -> due.claim().id())
                .set(node)
                .update();
    }

    private static int freshToQueue(Connection connection, UUID node, Collection<UUID> ids, int lost, Instant now)
            throws SQLException {
        IdRange range = IdRange.of(ids);
        return Sql.of(connection, """
                        with back as (
                          update delivery set state = 'pending', node = null
                          where id = any(?) and id between ? and ? and state = 'inflight' and node = ?
                          returning id, subscription_id
                        )
                        insert into queue (id, subscription_id, due_at, queued_at, claim_no, attempts, step, lost)
                        select id, subscription_id, ?, ?, 1, 0, 0, ? from back""")
                .uuids(ids)
                .set(range.low())
                .set(range.high())
                .set(node)
                .set(now)
                .set(now)
                .set(lost)
                .update();
    }

    /** Gives back claims from the queue in their order: each is due when it was. */
    public void giveBackInOrder(UUID node, Collection<ClaimStore.Due> claims) {
        tx.run(connection -> queuedToQueue(connection, node, claims));
    }

    /** This node's claims on queue rows: what the node compares with its memory. */
    public List<ClaimKey> queuedClaims(UUID node) {
        return tx.statement(connection -> Sql.of(connection, "select id, claim_no from queue where node = ?")
                .set(node)
                .list(rows -> new ClaimKey(Sql.uuid(rows, "id"), rows.getInt("claim_no"))));
    }

    /**
     * This node's deliveries in flight without a queue row, from {@code low} up to {@code high}: all of them, since those
     * that nobody holds may be behind many that are held.
     */
    public List<ClaimKey> freshClaims(UUID node, UUID low, UUID high) {
        return tx.statement(connection -> Sql.of(connection, """
                        select id, claim_no from delivery
                        where id between ? and ? and state = 'inflight' and node = ?""")
                .set(low)
                .set(high)
                .set(node)
                .list(rows -> new ClaimKey(Sql.uuid(rows, "id"), rows.getInt("claim_no"))));
    }

    /** A claim as the database names it. */
    public record ClaimKey(UUID id, int number) {}

    /**
     * Takes over what nodes that are gone held in the queue: due now, lost + 1. No list of victims: whatever names no
     * living node goes back.
     *
     * @return rows taken over, at most one batch
     */
    public int takeOverQueued(Instant now) {
        return tx.run(connection -> {
            Plans.hashed(connection);
            return Sql.of(connection, """
                        with orphan as materialized (
                          select q.id from queue q
                          where q.node is not null
                            and not exists (select from node n where n.id = q.node and n.gone_at is null)
                          limit ?
                          for update skip locked
                        )
                        update queue set due_at = ?, node = null, lost = lost + 1
                        where id = any(array(select id from orphan))""").set(SWEEP_BATCH).set(now).update();
        });
    }

    /** A node that is gone since a time, and the lowest id that it may have held. */
    public record GoneNode(UUID id, UUID floor, Instant goneAt) {
        /** An accept that was under way when the node was declared gone has ended by then. */
        UUID ceiling() {
            return Ids.highest(goneAt.plusSeconds(60));
        }
    }

    /** Nodes declared gone whose rows the sweep still has to look for. */
    public List<GoneNode> goneNodes() {
        return tx.statement(
                connection -> Sql.of(connection, "select id, floor, gone_at from node where gone_at is not null")
                        .list(rows -> new GoneNode(
                                Sql.uuid(rows, "id"),
                                Sql.uuid(rows, "floor"),
                                rows.getTimestamp("gone_at").toInstant())));
    }

    /**
     * Takes over a batch of what a gone node had in flight without a queue row.
     *
     * @return rows taken over; call again until it is 0
     */
    public int takeOverFresh(GoneNode gone, Instant now) {
        return tx.run(connection -> {
            Plans.byPrimaryKey(connection);
            return Sql.of(connection, """
                        with orphan as materialized (
                          select id from delivery
                          where id >= ? and id <= ? and state = 'inflight' and node = ?
                          order by id limit ?
                          for update skip locked
                        ), back as (
                          update delivery set state = 'pending', node = null
                          where id = any(array(select id from orphan)) and id >= ? and id <= ?
                          returning id, subscription_id
                        )
                        insert into queue (id, subscription_id, due_at, queued_at, claim_no, attempts, step, lost)
                        select id, subscription_id, ?, ?, 1, 0, 0, 1 from back""")
                    .set(gone.floor())
                    .set(gone.ceiling())
                    .set(gone.id())
                    .set(SWEEP_BATCH)
                    .set(gone.floor())
                    .set(gone.ceiling())
                    .set(now)
                    .set(now)
                    .update();
        });
    }

    /** Forgets nodes that have been gone for ten minutes and have nothing in flight: their row is what it is found by. */
    public int forgetGoneNodes(Instant now) {
        List<UUID> empty = goneNodes().stream()
                .filter(gone -> gone.goneAt().isBefore(now.minusSeconds(600)))
                .filter(gone -> !holdsFresh(gone))
                .map(GoneNode::id)
                .toList();
        return tx.statement(
                connection -> Sql.of(connection, "delete from node where id = any(?) and gone_at is not null")
                        .uuids(empty)
                        .update());
    }

    private boolean holdsFresh(GoneNode gone) {
        return tx.statement(connection -> Sql.of(connection, """
                        select exists (
                          select from delivery where id between ? and ? and state = 'inflight' and node = ?) as held""")
                .set(gone.floor())
                .set(gone.ceiling())
                .set(gone.id())
                .list(rows -> rows.getBoolean("held"))
                .get(0));
    }
}
