package dev.fanfare.delivery;

import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Ends deliveries without an attempt: those of a deleted subscription, and those that nobody may attempt again. */
@ApplicationScoped
public class CancelStore {
    private static final int BATCH = 5_000;

    private final Tx tx;

    public CancelStore(Tx tx) {
        this.tx = tx;
    }

    /** A delivery that was ended: whose it was, and the replay that had asked for it. */
    private record Ended(
            UUID id,
            UUID subscriptionId,
            @Nullable UUID replayId,
            int claimNumber,
            int attempts,
            @Nullable Integer lastStatus) {

        static Ended read(ResultSet rows) throws SQLException {
            return new Ended(
                    Sql.uuid(rows, "id"),
                    Sql.uuid(rows, "subscription_id"),
                    rows.getObject("replay_id", UUID.class),
                    rows.getInt("claim_no"),
                    rows.getInt("attempts"),
                    rows.getObject("last_status", Integer.class));
        }
    }

    /**
     * Cancels a batch of what waits for deleted subscriptions.
     *
     * @return how many per subscription; empty when nothing waits
     */
    public Map<UUID, Integer> cancelDeleted(Instant now) {
        return tx.run(connection -> {
            Plans.byPrimaryKey(connection);
            List<Ended> ended = Sql.of(connection, """
                            with doomed as (
                              select q.id from queue q join subscription s on s.id = q.subscription_id
                              where s.deleted_at is not null and q.due_at is not null
                              limit ?
                              for update of q skip locked
                            )
                            delete from queue q using doomed where q.id = doomed.id
                            returning q.id, q.subscription_id, q.replay_id, q.claim_no, q.attempts, q.last_status""").set(BATCH).list(Ended::read);
            finish(connection, ended, DeliveryState.CANCELLED, Reason.SUBSCRIPTIONDELETED, now);
            return ended.stream().collect(Collectors.toMap(Ended::subscriptionId, e -> 1, Integer::sum, TreeMap::new));
        });
    }

    /** Ends claims of this node that came from the queue as dead, without another attempt. */
    public void bury(UUID node, Collection<Claim> claims, Reason reason, Instant now) {
        tx.run(connection -> {
            List<Ended> ended = Sql.of(connection, """
                            delete from queue q using unnest(?, ?) as w(id, claim_no)
                            where q.id = w.id and q.node = ? and q.claim_no = w.claim_no
                            returning q.id, q.subscription_id, q.replay_id, q.claim_no, q.attempts, q.last_status""")
                    .uuids(claims, Claim::id)
                    .ints(claims, Claim::number)
                    .set(node)
                    .list(Ended::read);
            return finish(connection, ended, DeliveryState.DEAD, reason, now);
        });
    }

    private static int finish(Connection connection, List<Ended> ended, DeliveryState state, Reason reason, Instant now)
            throws SQLException {
        if (ended.isEmpty()) {
            return 0;
        }
        List<UUID> ids = ended.stream().map(Ended::id).toList();
        IdRange range = IdRange.of(ids);
        Plans.byPrimaryKey(connection);
        int rows = Sql.of(connection, """
                        -- what the queue knew goes back to history: a replay counts on from there
                        update delivery d
                        set state = ?, dead = ?, reason = ?, settled_at = ?, claim_no = w.claim_no, attempts = w.attempts,
                            last_status = w.status
                        from unnest(?, ?, ?, ?) as w(id, claim_no, attempts, status)
                        where d.id = w.id and d.id between ? and ? and d.state = 'pending'""")
                .set(state.word())
                .set(state == DeliveryState.DEAD)
                .set(reason.word())
                .set(now)
                .uuids(ids)
                .ints(ended, Ended::claimNumber)
                .ints(ended, Ended::attempts)
                .ints(ended, Ended::lastStatus)
                .set(range.low())
                .set(range.high())
                .update();
        countReplays(connection, ended, state);
        return rows;
    }

    private static void countReplays(Connection connection, List<Ended> ended, DeliveryState state)
            throws SQLException {
        Map<UUID, Integer> counts = new TreeMap<>();
        ended.forEach(e -> {
            if (e.replayId() != null) {
                counts.merge(e.replayId(), 1, Integer::sum);
            }
        });
        String counter = state == DeliveryState.DEAD ? "failed" : "cancelled";
        for (var count : counts.entrySet()) {
            Sql.of(connection, "update replay set %1$s = %1$s + ?, open = open - ? where id = ?".formatted(counter))
                    .set(count.getValue())
                    .set(count.getValue())
                    .set(count.getKey())
                    .update();
        }
    }

    /** Removes tombstones that are an hour old and have nothing left that waits or is in flight. */
    public int removeTombstones(Instant now) {
        return tx.statement(connection ->
                Sql.of(connection, """
                        delete from subscription s
                        where s.deleted_at < ? and not exists (select from queue q where q.subscription_id = s.id)""").set(now.minusSeconds(3600)).update());
    }
}
