package dev.fanfare.replay;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.delivery.Plans;
import dev.fanfare.platform.JsonObjectReader;
import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import dev.fanfare.replay.Candidates.Candidate;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Replays as rows, and their steps: what a step flips, its cursor and its counters are one transaction. */
@ApplicationScoped
public class ReplayStore {
    /** Of one job, at most so many wait in a lane: a replay goes out behind live traffic. */
    static final int WAITING_PER_LANE = 100;

    /** Deliveries that one step looks at. */
    static final int LOOK = 1_000;

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Tx tx;

    public ReplayStore(Tx tx) {
        this.tx = tx;
    }

    /** Keeps a new job. */
    void create(UUID id, UUID tenantId, String selector, boolean sameWebhookId, Instant now) {
        tx.statement(connection -> Sql.of(connection, """
                        insert into replay (id, tenant_id, state, selector, webhook_id, created_at)
                        values (?, ?, 'running', ?, ?, ?)""")
                .set(id)
                .set(tenantId)
                .set(selector)
                .set(sameWebhookId ? "same" : "new")
                .set(now)
                .update());
    }

    Optional<Job> find(UUID tenantId, UUID id) {
        return tx.statement(connection -> Sql.of(connection, "select * from replay where tenant_id = ? and id = ?")
                .set(tenantId)
                .set(id)
                .list(Job::read)
                .stream()
                .findFirst());
    }

    /** A tenant's jobs, newest first or, newer than an id, oldest first. */
    List<Job> list(UUID tenantId, UUID beyond, boolean newer, int most) {
        return tx.statement(connection -> Sql.of(connection, """
                        select * from replay where tenant_id = ? and id %s ? order by id %s limit ?""".formatted(newer ? ">" : "<", newer ? "asc" : "desc"))
                .set(tenantId)
                .set(beyond)
                .set(most)
                .list(Job::read));
    }

    /** Jobs of all tenants that have something to do: running ones, and cancelled ones with deliveries out. */
    List<UUID> unfinished() {
        return tx.statement(connection -> Sql.of(
                        connection, "select id from replay where state = 'running' or open > 0 order by id limit 1000")
                .list(rows -> Sql.uuid(rows, "id")));
    }

    int countRunning(UUID tenantId) {
        return tx.statement(connection -> Sql.of(
                        connection, "select count(*) as n from replay where tenant_id = ? and state = 'running'")
                .set(tenantId)
                .list(rows -> rows.getInt("n"))
                .get(0));
    }

    /** Stops feeding; the runner gives back what waits. Returns false when the job was not running. */
    boolean cancel(UUID tenantId, UUID id, Instant now) {
        return tx.statement(connection ->
                        Sql.of(connection, """
                                update replay set state = 'cancelled', finished_at = ?
                                where tenant_id = ? and id = ? and state = 'running'""").set(now).set(tenantId).set(id).update())
                == 1;
    }

    /** Looks without touching anything: for a dry run. */
    List<Candidate> look(Candidates candidates, @Nullable UUID cursor) {
        return tx.run(connection -> candidates.look(connection, cursor, List.of(), LOOK));
    }

    /** What a step came to: how many it queued, in which lanes, and whether there may be more to do at once. */
    record Step(long queued, Set<UUID> lanes, boolean more) {
        static final Step NOTHING = new Step(0, Set.of(), false);
    }

    /** One step of a job; nothing when another node is at it. */
    Step step(UUID id, Instant now) {
        return tx.run(connection -> {
            List<Job> jobs = Sql.of(connection, "select * from replay where id = ? for update skip locked")
                    .set(id)
                    .list(Job::read);
            if (jobs.isEmpty()) {
                return Step.NOTHING;
            }
            Job job = jobs.get(0);
            if (job.state() == Job.State.CANCELLED) {
                return unwind(connection, job, now);
            }
            if (job.fed()) {
                return end(connection, job, now);
            }
            return feed(connection, job, now);
        });
    }

    private static Step feed(Connection connection, Job job, Instant now) throws SQLException {
        Map<UUID, Integer> waiting = waitingPerLane(connection, job.id());
        Set<UUID> full = new HashSet<>();
        waiting.forEach((lane, count) -> {
            if (count >= WAITING_PER_LANE) {
                full.add(lane);
            }
        });
        Candidates candidates = new Candidates(selector(job), job.tenantId(), job.createdAt());
        List<Candidate> looked = candidates.look(connection, job.cursor(), full, LOOK);
        Sorting sorting = new Sorting(job.id(), waiting, !full.isEmpty());
        looked.forEach(sorting::add);
        ReplayActions actions = new ReplayActions(connection, job, now);
        int wanted = sorting.revive.size() + sorting.makeDue.size() + sorting.repeat.size();
        int queued = actions.revive(sorting.revive) + actions.makeDue(sorting.makeDue) + actions.repeat(sorting.repeat);
        actions.hasten(sorting.hasten);
        sorting.skip("changed", wanted - queued);
        boolean passEnded = looked.size() < LOOK;
        boolean deferred = job.deferred() || sorting.deferred;
        write(connection, job, queued, sorting, passEnded, deferred, looked);
        return new Step(queued, sorting.lanes, !passEnded || queued > 0);
    }

    private static void write(
            Connection connection,
            Job job,
            int queued,
            Sorting sorting,
            boolean passEnded,
            boolean deferred,
            List<Candidate> looked)
            throws SQLException {
        boolean first = job.pass() == 0;
        Map<String, Long> skips = first ? sorting.skipped : Map.of();
        long skipped = skips.values().stream().mapToLong(Long::longValue).sum();
        long gone = first ? sorting.gone : 0;
        // a lane that had enough gets the rest in another pass
        UUID cursor = passEnded ? null : looked.get(looked.size() - 1).id();
        Sql.of(connection, """
                        update replay
                        set cursor = ?, pass = pass + ?, fed = ?, deferred = ?, matched = matched + ?, queued = queued + ?, open = open + ?,
                            gone = gone + ?, skipped = ?
                        where id = ?""")
                .set(cursor)
                .set(passEnded ? 1 : 0)
                .set(passEnded && !deferred)
                .set(deferred && !passEnded)
                .set(queued + skipped + gone)
                .set(queued)
                .set(queued)
                .set(gone)
                .set(merged(job.counters().skipped(), skips))
                .set(job.id())
                .update();
    }

    private static Step end(Connection connection, Job job, Instant now) throws SQLException {
        Sql.of(connection, "update replay set state = 'done', finished_at = ? where id = ? and open = 0")
                .set(now)
                .set(job.id())
                .update();
        return Step.NOTHING;
    }

    private static Step unwind(Connection connection, Job job, Instant now) throws SQLException {
        Plans.byPrimaryKey(connection);
        ReplayActions.Unwound unwound = new ReplayActions(connection, job, now).unwind(LOOK);
        long total = unwound.left() + unwound.cancelled();
        if (total > 0) {
            Sql.of(connection, """
                            update replay set "left" = "left" + ?, queued = queued - ?, cancelled = cancelled + ?,
                                              open = open - ? where id = ?""")
                    .set(unwound.left())
                    .set(unwound.left())
                    .set(unwound.cancelled())
                    .set(total)
                    .set(job.id())
                    .update();
        }
        return new Step(0, Set.of(), total > 0);
    }

    private static Map<UUID, Integer> waitingPerLane(Connection connection, UUID job) throws SQLException {
        Map<UUID, Integer> waiting = new HashMap<>();
        Sql.of(connection, """
                        select subscription_id, count(*) as n from queue
                        where replay_id = ? and was_state is distinct from 'pending' group by subscription_id""").set(job).list(rows -> waiting.put(Sql.uuid(rows, "subscription_id"), rows.getInt("n")));
        return waiting;
    }

    private static Selector selector(Job job) {
        return Selector.read(JsonObjectReader.of(parse(job.selector())));
    }

    private static String merged(String before, Map<String, Long> more) {
        ObjectNode counts = parse(before);
        more.forEach((why, count) -> counts.put(why, counts.path(why).asLong() + count));
        return counts.toString();
    }

    static ObjectNode parse(String json) {
        try {
            return (ObjectNode) MAPPER.readTree(json);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
