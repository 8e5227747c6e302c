package dev.fanfare.delivery;

import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/** Ends deliveries without an attempt: those of a deleted subscription, and those that nobody may attempt again. */
@ApplicationScoped
public class CancelStore {
    private static final int BATCH = 5_000;

    private final Tx tx;

    public CancelStore(Tx tx) {
        this.tx = tx;
    }

    /**
     * Cancels a batch of what waits for deleted subscriptions.
     *
     * @return how many per subscription; empty when nothing waits
     */
    public Map<UUID, Integer> cancelDeleted(Instant now) {
        return tx.run(connection -> {
            Plans.hashed(connection);
            List<Dequeued> cancelled = Sql.of(connection, """
                            with doomed as materialized (
                              select waiting.id from subscription s
                              cross join lateral (
                                select q.id from queue q
                                where q.subscription_id = s.id and q.due_at is not null
                                order by q.due_at
                                limit ?
                                for update skip locked) waiting
                              where s.deleted_at is not null
                              limit ?
                            )
                            delete from queue where id = any(array(select id from doomed))
                            returning %s""".formatted(Dequeued.COLUMNS))
                    .set(BATCH)
                    .set(BATCH)
                    .list(Dequeued::read);
            finish(connection, cancelled, DeliveryState.CANCELLED, Reason.SUBSCRIPTIONDELETED, now);
            return bySubscription(cancelled);
        });
    }

    /**
     * Cancels a batch of what waits of the deliveries from one id up to another: history does not keep them any longer.
     * What is in flight stays.
     *
     * @return how many per subscription; empty when nothing waits
     */
    public Map<UUID, Integer> expire(UUID low, UUID high, Instant now) {
        return tx.run(connection -> {
            Plans.hashed(connection);
            List<Dequeued> expired = Sql.of(connection, """
                            with doomed as materialized (
                              select id from queue where id between ? and ? and due_at is not null
                              order by id
                              limit ?
                              for update skip locked
                            )
                            delete from queue where id = any(array(select id from doomed))
                            returning %s""".formatted(Dequeued.COLUMNS))
                    .set(low)
                    .set(high)
                    .set(BATCH)
                    .list(Dequeued::read);
            finish(connection, expired, DeliveryState.CANCELLED, Reason.EXPIRED, now);
            return bySubscription(expired);
        });
    }

    private static Map<UUID, Integer> bySubscription(List<Dequeued> all) {
        return all.stream().collect(Collectors.toMap(Dequeued::subscriptionId, one -> 1, Integer::sum, TreeMap::new));
    }

    /** Ends claims of this node that came from the queue as dead, without another attempt. */
    public void bury(UUID node, Collection<Claim> claims, Reason reason, Instant now) {
        tx.run(connection -> {
            Plans.hashed(connection);
            List<Dequeued> buried = Dequeued.take(connection, node, claims);
            return finish(connection, buried, DeliveryState.DEAD, reason, now);
        });
    }

    private static int finish(
            Connection connection, List<Dequeued> ended, DeliveryState state, Reason reason, Instant now)
            throws SQLException {
        int rows = End.write(connection, Dequeued.byEnd(ended, state, reason), null, now)
                .size();
        countReplays(connection, ended, state);
        return rows;
    }

    private static void countReplays(Connection connection, List<Dequeued> ended, DeliveryState state)
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
                        where s.deleted_at < ? and not exists (select from queue q where q.subscription_id = s.id)
                          -- in flight since its accept: it has no row in the queue yet
                          and not exists (
                            select from delivery d
                            where d.subscription_id = s.id and d.state = 'inflight'
                              and d.id >= (select floor from node order by floor limit 1))""").set(now.minusSeconds(3600)).update());
    }
}
