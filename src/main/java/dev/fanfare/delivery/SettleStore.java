package dev.fanfare.delivery;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/** Writes down what attempts came to: many in one transaction, each only where its claim still holds. */
@Singleton
public class SettleStore {
    private final Tx tx;
    private final GateStore gates;

    public SettleStore(Tx tx, GateStore gates) {
        this.tx = tx;
        this.gates = gates;
    }

    /**
     * Settles a batch.
     *
     * @return the ids whose claim had been taken over: their attempts are kept, marked late, and nothing else changed
     */
    public Set<UUID> settle(UUID node, Collection<Settlement> batch, Instant now) {
        return tx.run(connection -> {
            Set<UUID> settled = new HashSet<>();
            Map<Boolean, List<Settlement>> byOrigin =
                    batch.stream().collect(groupingBy(s -> s.claim().fresh()));
            settleFresh(connection, node, byOrigin.getOrDefault(true, List.of()), now, settled);
            settleQueued(connection, node, byOrigin.getOrDefault(false, List.of()), now, settled);
            AttemptLog.append(connection, batch, settled);
            gates.close(connection, batch);
            countReplays(connection, batch, settled);
            Set<UUID> late = new HashSet<>();
            batch.forEach(s -> late.add(s.claim().id()));
            late.removeAll(settled);
            return late;
        });
    }

    /**
     * Ends a delivery whose outcome the database refuses in every form: dead as {@code unrecordable}, its attempt neither
     * kept nor counted.
     *
     * @return whether its claim still held
     */
    public boolean park(UUID node, Claim claim, Instant now) {
        return tx.run(connection -> {
            Map<End, List<UUID>> end = claim.fresh()
                    ? Map.of(
                            new End(DeliveryState.DEAD, Reason.UNRECORDABLE, null, claim.attempts(), claim.number()),
                            List.of(claim.id()))
                    : Dequeued.byEnd(
                            Dequeued.take(connection, node, List.of(claim)), DeliveryState.DEAD, Reason.UNRECORDABLE);
            boolean held = !End.write(connection, end, claim.fresh() ? node : null, now)
                    .isEmpty();
            if (held && claim.replayId() != null) {
                countReplay(connection, claim.replayId(), 0, 1);
            }
            return held;
        });
    }

    private static void settleFresh(
            Connection connection, UUID node, List<Settlement> fresh, Instant now, Set<UUID> settled)
            throws SQLException {
        Map<Boolean, List<Settlement>> byFinal =
                fresh.stream().collect(groupingBy(s -> s.state().isFinal()));
        settled.addAll(End.write(connection, byEnd(byFinal.getOrDefault(true, List.of())), node, now));
        List<Settlement> again = byFinal.getOrDefault(false, List.of());
        if (!again.isEmpty()) {
            settled.addAll(requeueFresh(connection, node, again, now));
        }
    }

    private static void settleQueued(
            Connection connection, UUID node, List<Settlement> queued, Instant now, Set<UUID> settled)
            throws SQLException {
        if (queued.isEmpty()) {
            return;
        }
        Plans.hashed(connection);
        Map<Boolean, List<Settlement>> byFinal =
                queued.stream().collect(groupingBy(s -> s.state().isFinal()));
        List<Settlement> again = byFinal.getOrDefault(false, List.of());
        if (!again.isEmpty()) {
            settled.addAll(retryQueued(connection, node, again, now));
        }
        List<Settlement> ended = byFinal.getOrDefault(true, List.of());
        if (!ended.isEmpty()) {
            Set<UUID> ours = new HashSet<>();
            Dequeued.take(
                            connection,
                            node,
                            ended.stream().map(Settlement::claim).toList())
                    .forEach(one -> ours.add(one.id()));
            List<Settlement> ending =
                    ended.stream().filter(s -> ours.contains(s.claim().id())).toList();
            settled.addAll(End.write(connection, byEnd(ending), null, now));
        }
    }

    private static Map<End, List<UUID>> byEnd(Collection<Settlement> ended) {
        return ended.stream()
                .collect(groupingBy(
                        s -> new End(
                                s.state(),
                                s.deadBecause(),
                                s.outcome().statusOrNull(),
                                s.attempts(),
                                s.claim().number()),
                        mapping(s -> s.claim().id(), toList())));
    }

    private static List<UUID> requeueFresh(Connection connection, UUID node, List<Settlement> members, Instant now)
            throws SQLException {
        List<UUID> ids = ids(members);
        IdRange range = IdRange.of(ids);
        return Sql.of(connection, """
                        with ours as (
                          update delivery set state = 'pending', node = null
                          where id = any(?) and id between ? and ? and state = 'inflight' and node = ?
                          returning id
                        )
                        insert into queue (id, subscription_id, due_at, queued_at, first_attempt_at, claim_no, attempts,
                                           step, last_status, reason)
                        select w.id, w.subscription_id, greatest(w.due_at, ?), ?, w.first_attempt_at, 1, 1, w.step, w.status, w.reason
                        from unnest(?, ?, ?, ?, ?, ?, ?)
                             as w(id, subscription_id, due_at, first_attempt_at, step, status, reason)
                        -- "is true": looked up in a hash, see AcceptStore
                        where (w.id in (select id from ours)) is true
                        returning id""")
                .uuids(ids)
                .set(range.low())
                .set(range.high())
                .set(node)
                .set(now)
                .set(now)
                .uuids(ids)
                .uuids(members, s -> s.claim().subscriptionId())
                .times(members, s -> retry(s).dueAt())
                .times(members, Settlement::firstAttemptAt)
                .ints(members, s -> retry(s).step())
                .ints(members, s -> s.outcome().statusOrNull())
                .texts(members, s -> Reason.wordOf(s.outcome().failure()))
                .list(rows -> Sql.uuid(rows, "id"));
    }

    private static List<UUID> retryQueued(Connection connection, UUID node, List<Settlement> members, Instant now)
            throws SQLException {
        return Sql.of(connection, """
                        update queue q
                        -- never before now: a lane's floor may have moved on since
                        set due_at = greatest(w.due_at, ?), node = null, attempts = w.attempts, step = w.step,
                            first_attempt_at = w.first_attempt_at, last_status = w.status, reason = w.reason
                        from unnest(?, ?, ?, ?, ?, ?, ?, ?)
                             as w(id, claim_no, due_at, attempts, step, first_attempt_at, status, reason)
                        where q.id = any(?) and q.id = w.id and q.claim_no = w.claim_no
                          -- "is not distinct from": the index on node must not tempt the planner, ids are surer
                          and q.node is not distinct from ?
                        returning q.id""")
                .set(now)
                .uuids(members, s -> s.claim().id())
                .ints(members, s -> s.claim().number())
                .times(members, s -> retry(s).dueAt())
                .ints(members, Settlement::attempts)
                .ints(members, s -> retry(s).step())
                .times(members, Settlement::firstAttemptAt)
                .ints(members, s -> s.outcome().statusOrNull())
                .texts(members, s -> Reason.wordOf(s.outcome().failure()))
                .uuids(ids(members))
                .set(node)
                .list(rows -> Sql.uuid(rows, "id"));
    }

    private static void countReplays(Connection connection, Collection<Settlement> batch, Set<UUID> settled)
            throws SQLException {
        Map<UUID, long[]> ends = new TreeMap<>();
        for (Settlement s : batch) {
            UUID replay = s.claim().replayId();
            if (replay != null
                    && s.state().isFinal()
                    && settled.contains(s.claim().id())) {
                ends.computeIfAbsent(replay, id -> new long[2])[s.state() == DeliveryState.DELIVERED ? 0 : 1]++;
            }
        }
        // in id order: two nodes that settle for the same jobs must not lock them crosswise
        for (var end : ends.entrySet()) {
            countReplay(connection, end.getKey(), end.getValue()[0], end.getValue()[1]);
        }
    }

    private static void countReplay(Connection connection, UUID replay, long delivered, long failed)
            throws SQLException {
        Sql.of(connection, """
                        update replay set delivered = delivered + ?, failed = failed + ?, open = open - ?
                        where id = ?""")
                .set(delivered)
                .set(failed)
                .set(delivered + failed)
                .set(replay)
                .update();
    }

    private static Verdict.Retry retry(Settlement s) {
        return (Verdict.Retry) s.verdict();
    }

    private static List<UUID> ids(Collection<Settlement> settlements) {
        return settlements.stream().map(s -> s.claim().id()).toList();
    }
}
