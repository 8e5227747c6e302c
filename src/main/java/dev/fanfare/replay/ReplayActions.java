package dev.fanfare.replay;

import dev.fanfare.delivery.DeliveryState;
import dev.fanfare.delivery.IdRange;
import dev.fanfare.delivery.Reason;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.Sql;
import dev.fanfare.replay.Candidates.Candidate;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a replay does to deliveries, each checked again under its lock. Returns how many it did it to. */
final class ReplayActions {
    private final Connection connection;
    private final Job job;
    private final Instant now;

    ReplayActions(Connection connection, Job job, Instant now) {
        this.connection = connection;
        this.job = job;
        this.now = now;
    }

    /** Dead and cancelled ones live again in place, with a fresh schedule. */
    int revive(List<Candidate> candidates) throws SQLException {
        if (candidates.isEmpty()) {
            return 0;
        }
        IdRange range = IdRange.of(ids(candidates));
        return Sql.of(connection, """
                        with revived as (
                          update delivery d set state = 'pending', dead = false, reason = null, settled_at = null,
                                                replay_id = ?
                          where d.id = any (?) and d.id between ? and ?
                            and d.state in ('dead', 'cancelled') and d.settled_at <= ?
                          returning d.id, d.subscription_id, d.claim_no, d.attempts, d.last_status
                        )
                        insert into queue (id, subscription_id, due_at, queued_at, claim_no, attempts, step, last_status,
                                           replay_id, was_state, was_reason)
                        select r.id, r.subscription_id, ?, ?, r.claim_no, r.attempts, 0, r.last_status, ?, w.state, w.reason
                        from revived r join unnest(?, ?, ?) as w(id, state, reason) using (id)""")
                .set(job.id())
                .uuids(ids(candidates))
                .set(range.low())
                .set(range.high())
                .set(job.createdAt())
                .set(now)
                .set(now)
                .set(job.id())
                .uuids(ids(candidates))
                .texts(candidates, c -> c.state().word())
                .texts(candidates, Candidate::reason)
                .update();
    }

    /** Waiting ones are due now; their attempts and their place in the schedule stay. */
    int makeDue(List<Candidate> candidates) throws SQLException {
        return candidates.isEmpty()
                ? 0
                : Sql.of(connection, """
                                update queue set due_at = least(due_at, ?), replay_id = ?, was_state = 'pending'
                                where id = any (?) and node is null and replay_id is null""")
                        .set(now)
                        .set(job.id())
                        .uuids(ids(candidates))
                        .update();
    }

    /** Ones that another replay brought are due now, and stay that one's. */
    void hasten(List<Candidate> candidates) throws SQLException {
        if (!candidates.isEmpty()) {
            Sql.of(connection, "update queue set due_at = least(due_at, ?) where id = any (?) and node is null")
                    .set(now)
                    .uuids(ids(candidates))
                    .update();
        }
    }

    /** Delivered ones go out again as new deliveries, unless this job has done it before. */
    int repeat(List<Candidate> candidates) throws SQLException {
        if (candidates.isEmpty()) {
            return 0;
        }
        // the old delivery's millisecond: it lies in its event's day; new ones start in the queue
        List<UUID> newIds =
                candidates.stream().map(c -> Ids.at(Ids.timeOf(c.id()))).toList();
        IdRange range = IdRange.of(ids(candidates));
        return Sql.of(connection, """
                        with repeated as (
                          insert into delivery (id, event_id, subscription_id, tenant_id, event_type, state, replay_id,
                                                replay_of, webhook_id)
                          select w.new_id, d.event_id, d.subscription_id, d.tenant_id, d.event_type, 'pending', ?, d.id,
                                 case when ? then coalesce(d.webhook_id, d.id) end
                          from unnest(?, ?) as w(id, new_id)
                          cross join lateral (
                            select * from delivery
                            where id = w.id and id between ? and ? and state = 'delivered' offset 0) d
                          where not exists (
                            select from delivery x
                            where x.event_id = d.event_id and x.replay_id = ? and x.replay_of = d.id
                              and x.id between ? and ?)
                          returning id, subscription_id
                        )
                        insert into queue (id, subscription_id, due_at, queued_at, claim_no, attempts, step, replay_id)
                        select id, subscription_id, ?, ?, 1, 0, 0, ? from repeated""")
                .set(job.id())
                .set(job.sameWebhookId())
                .uuids(ids(candidates))
                .uuids(newIds)
                .set(range.low())
                .set(range.high())
                .set(job.id())
                .set(range.low())
                .set(range.high())
                .set(now)
                .set(now)
                .set(job.id())
                .update();
    }

    /** What a cancelled job still has in the queue. */
    private record Waiting(
            UUID id,
            @Nullable String wasState,
            @Nullable String wasReason,
            int attempts,
            int claimNo,
            @Nullable Integer lastStatus) {}

    /** How many a cancellation gave back to what they were, and how many new deliveries it ended. */
    record Unwound(long left, long cancelled) {}

    /** Gives back a batch of what waits: dead is dead again, pending waits on, new deliveries are cancelled. */
    Unwound unwind(int most) throws SQLException {
        int pending = Sql.of(connection, """
                        with chosen as materialized (
                          select id from queue where replay_id = ? and node is null and was_state = 'pending' limit ?
                          -- one that is being claimed is on its way, and counted when it comes back
                          for update skip locked
                        )
                        update queue set replay_id = null, was_state = null
                        where id = any(array(select id from chosen))""").set(job.id()).set(most).update();
        List<Waiting> waiting = Sql.of(connection, """
                        with chosen as materialized (
                          select id from queue
                          where replay_id = ? and node is null and was_state is distinct from 'pending' limit ?
                          for update skip locked
                        )
                        delete from queue where id = any(array(select id from chosen))
                        returning id, was_state, was_reason, attempts, claim_no, last_status""")
                .set(job.id())
                .set(most)
                .list(rows -> new Waiting(
                        Sql.uuid(rows, "id"),
                        rows.getString("was_state"),
                        rows.getString("was_reason"),
                        rows.getInt("attempts"),
                        rows.getInt("claim_no"),
                        rows.getObject("last_status", Integer.class)));
        if (!waiting.isEmpty()) {
            putBack(waiting);
        }
        long ended = waiting.stream().filter(w -> w.wasState() == null).count();
        return new Unwound(pending + waiting.size() - ended, ended);
    }

    private void putBack(List<Waiting> waiting) throws SQLException {
        IdRange range = IdRange.of(waiting.stream().map(Waiting::id).toList());
        Sql.of(connection, """
                        update delivery d
                        set state = w.state, dead = w.state = 'dead', reason = w.reason, attempts = w.attempts,
                            claim_no = w.claim_no, last_status = w.status, settled_at = ?
                        from unnest(?, ?, ?, ?, ?, ?) as w(id, state, reason, attempts, claim_no, status)
                        where d.id = any(?) and d.id between ? and ? and d.id = w.id""")
                .set(now)
                .uuids(waiting, Waiting::id)
                .texts(waiting, w -> w.wasState() == null ? DeliveryState.CANCELLED.word() : w.wasState())
                .texts(waiting, w -> w.wasState() == null ? Reason.REPLAYCANCELLED.word() : w.wasReason())
                .ints(waiting, Waiting::attempts)
                .ints(waiting, Waiting::claimNo)
                .ints(waiting, Waiting::lastStatus)
                .uuids(waiting, Waiting::id)
                .set(range.low())
                .set(range.high())
                .update();
    }

    private static List<UUID> ids(List<Candidate> candidates) {
        return candidates.stream().map(Candidate::id).toList();
    }
}
