package dev.fanfare.replay;

import dev.fanfare.platform.Sql;
import dev.fanfare.replay.Candidates.Candidate;
import dev.fanfare.replay.ReplayStore.Step;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One step of a running job. Its walk goes over history once, in the order of ids, and does not stop at a lane that has
 * enough: from there that lane is walked on its own. So each delivery is looked at once, and no look is long.
 */
final class Feeding {
    /** Lanes walked on their own in one step, and how far. */
    private static final int LANES = 8;

    private static final int LANE_LOOK = 250;

    private final Connection connection;
    private final Job job;
    private final Instant now;
    private final Candidates candidates;
    private final Map<UUID, Integer> waiting = new HashMap<>();
    /** Lanes walked on their own; empty: to the end. */
    private final Map<UUID, Optional<UUID>> apart = new HashMap<>();

    private final Sorting sorting = new Sorting(waiting, ReplayStore.WAITING_PER_LANE);
    private boolean more;

    Feeding(Connection connection, Job job, Instant now) {
        this.connection = connection;
        this.job = job;
        this.now = now;
        this.candidates = new Candidates(ReplayStore.selector(job), job.tenantId(), job.createdAt());
    }

    Step step() throws SQLException {
        // until this step ends, no day is forgotten that it may bring something of back
        Sql.of(connection, "select only_row from retention for share").list(row -> row.getBoolean(1));
        readLanes();
        for (UUID lane : lanesWithRoom()) {
            walk(lane);
        }
        List<Candidate> looked =
                job.walked() ? List.of() : candidates.look(connection, job.cursor(), null, ReplayStore.LOOK);
        walk(looked);
        boolean walked = looked.size() < ReplayStore.LOOK;
        int queued = act();
        write(
                queued,
                looked.isEmpty() ? job.cursor() : looked.get(looked.size() - 1).id(),
                walked);
        return new Step(queued, sorting.lanes, more || !walked || queued > 0);
    }

    private void readLanes() throws SQLException {
        Sql.of(connection, """
                        select subscription_id, count(*) as n from queue
                        -- pending ones that were made due waited before
                        where replay_id = ? and was_state is distinct from 'pending' group by subscription_id""")
                .set(job.id())
                .list(rows -> waiting.put(Sql.uuid(rows, "subscription_id"), rows.getInt("n")));
        Sql.of(connection, "select subscription_id, cursor from replay_lane where replay_id = ?")
                .set(job.id())
                .list(rows -> apart.put(
                        Sql.uuid(rows, "subscription_id"), Optional.ofNullable(rows.getObject("cursor", UUID.class))));
    }

    private List<UUID> lanesWithRoom() {
        return apart.entrySet().stream()
                .filter(lane -> lane.getValue().isPresent())
                .map(Map.Entry::getKey)
                .filter(lane -> waiting.getOrDefault(lane, 0) < ReplayStore.WAITING_PER_LANE)
                .limit(LANES)
                .toList();
    }

    /** The walk over all lanes but those that are walked on their own. */
    private void walk(List<Candidate> looked) throws SQLException {
        UUID before = job.cursor() == null ? new UUID(0, 0) : job.cursor();
        for (Candidate one : looked) {
            if (!apart.containsKey(one.subscriptionId()) && !sorting.add(one)) {
                moveLane(one.subscriptionId(), before);
            }
            before = one.id();
        }
    }

    private void walk(UUID lane) throws SQLException {
        UUID cursor = Objects.requireNonNull(apart.get(lane)).orElseThrow();
        List<Candidate> looked = candidates.look(connection, cursor, lane, LANE_LOOK);
        for (Candidate one : looked) {
            if (!sorting.add(one)) {
                moveLane(lane, cursor);
                return;
            }
            cursor = one.id();
        }
        more = true;
        moveLane(lane, looked.size() < LANE_LOOK ? null : cursor);
    }

    /** Keeps how far a lane has come; null: to its end. */
    private void moveLane(UUID lane, @Nullable UUID cursor) throws SQLException {
        apart.put(lane, Optional.ofNullable(cursor));
        Sql.of(connection, """
                        insert into replay_lane (replay_id, subscription_id, cursor) values (?, ?, ?)
                        on conflict (replay_id, subscription_id) do update set cursor = excluded.cursor""").set(job.id()).set(lane).set(cursor).update();
    }

    private int act() throws SQLException {
        ReplayActions actions = new ReplayActions(connection, job, now);
        int queued = actions.revive(sorting.revive) + actions.makeDue(sorting.makeDue) + actions.repeat(sorting.repeat);
        actions.hasten(sorting.hasten);
        sorting.skip("changed", sorting.wanted().count() - queued);
        return queued;
    }

    private void write(int queued, @Nullable UUID cursor, boolean walked) throws SQLException {
        Sql.of(connection, """
                        update replay r
                        set cursor = ?, walked = ?,
                            fed = ? and not exists (select from replay_lane l where l.replay_id = r.id and l.cursor is not null),
                            matched = matched + ?, queued = queued + ?, open = open + ?, gone = gone + ?, skipped = ?
                        where id = ?""")
                .set(cursor)
                .set(walked)
                .set(walked)
                .set(queued + sorting.skippedInAll() + sorting.gone)
                .set((long) queued)
                .set((long) queued)
                .set(sorting.gone)
                .set(ReplayStore.merged(job.counters().skipped(), sorting.skipped))
                .set(job.id())
                .update();
    }
}
