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
        return tx.run(connection -> candidates.look(connection, cursor, null, LOOK));
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
            return new Feeding(connection, job, now).step();
        });
    }

    private static Step end(Connection connection, Job job, Instant now) throws SQLException {
        Sql.of(connection, "update replay set state = 'done', finished_at = ? where id = ? and open = 0")
                .set(now)
                .set(job.id())
                .update();
        return Step.NOTHING;
    }

    private static Step unwind(Connection connection, Job job, Instant now) throws SQLException {
        Plans.hashed(connection);
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

    static Selector selector(Job job) {
        return Selector.read(JsonObjectReader.of(parse(job.selector())));
    }

    static String merged(String before, Map<String, Long> more) {
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
