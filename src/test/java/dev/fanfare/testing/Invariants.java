package dev.fanfare.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is true of the tables after every committed step, whoever made it. {@link #hold} may be asked at any moment;
 * {@link #holdAtRest} after one sweep and one comparison of each node, while nothing is in flight.
 */
public final class Invariants {
    /** Each query finds rows that break its sentence. */
    private static final Map<String, String> ALWAYS = new LinkedHashMap<>();

    private static final Map<String, String> AT_REST = new LinkedHashMap<>();

    static {
        ALWAYS.put("an identity has its event", """
                select encode(i.key, 'hex') from (table identity_current union all table identity_previous) i
                where not exists (select from event e where e.id = i.event_id)""");
        ALWAYS.put("an identity is in one generation", """
                select encode(c.key, 'hex') from identity_current c join identity_previous p using (key)""");
        ALWAYS.put("two identities are not one event", """
                select event_id::text from (table identity_current union all table identity_previous) i
                group by event_id having count(*) > 1""");
        ALWAYS.put("an event becomes at most one delivery per subscription, but for replays", """
                select event_id || ' ' || subscription_id from delivery where replay_of is null
                group by event_id, subscription_id having count(*) > 1""");
        ALWAYS.put("a delivery has its event, of the same tenant", """
                select d.id::text from delivery d
                where not exists (select from event e where e.id = d.event_id and e.tenant_id = d.tenant_id)""");
        ALWAYS.put("a delivery is in its event's day", """
                select d.id::text from delivery d join event e on e.id = d.event_id
                where right(d.tableoid::regclass::text, 8) <> right(e.tableoid::regclass::text, 8)""");
        ALWAYS.put("a pending delivery waits in the queue", """
                select d.id::text from delivery d
                where d.state = 'pending' and not exists (select from queue q where q.id = d.id)""");
        ALWAYS.put("what is in the queue is pending in history, for the same subscription", """
                select q.id::text from queue q where not exists (
                  select from delivery d
                  where d.id = q.id and d.state = 'pending' and d.subscription_id = q.subscription_id)""");
        ALWAYS.put("in flight without a queue row means a node", """
                select id::text from delivery where (state = 'inflight') <> (node is not null)""");
        ALWAYS.put("a queue row waits or is claimed", """
                select id::text from queue where (due_at is null) = (node is null)""");
        ALWAYS.put("final is settled, dead says so, dead and cancelled say why", """
                select id::text from delivery
                where (state in ('delivered', 'dead', 'cancelled')) <> (settled_at is not null)
                   or dead <> (state = 'dead')
                   or state in ('dead', 'cancelled') and reason is null""");
        ALWAYS.put("no attempt has a claim number that its delivery has not reached", """
                select a.delivery_id::text from attempt a join delivery d on d.id = a.delivery_id
                left join queue q on q.id = d.id
                where a.claim_no > greatest(d.claim_no, q.claim_no)""");
        ALWAYS.put("the queue's claim number is not below history's", """
                select q.id::text from queue q join delivery d using (id) where q.claim_no < d.claim_no""");
        ALWAYS.put("the attempts counted are the attempts kept, but for late ones", """
                select d.id::text from delivery d left join queue q on q.id = d.id
                where greatest(d.attempts, q.attempts)
                      <> (select count(*) from attempt a where a.delivery_id = d.id and not a.late)""");
        ALWAYS.put("what is delivered was answered 2xx", """
                select d.id::text from delivery d where d.state = 'delivered' and not exists (
                  select from attempt a
                  where a.delivery_id = d.id and a.claim_no = d.claim_no and a.status between 200 and 299)""");
        ALWAYS.put("what is claimed has not been attempted under that number", """
                select q.id::text from queue q join attempt a on a.delivery_id = q.id and a.claim_no = q.claim_no
                where q.node is not null""");
        ALWAYS.put("what is in flight without a queue row is not below its node's floor", """
                select d.id::text from delivery d join node n on n.id = d.node where d.id < n.floor""");
        ALWAYS.put("a replay's counts add up", """
                select id::text from replay where queued <> delivered + failed + cancelled + open""");
        ALWAYS.put("what a replay matched is queued, skipped, gone or left", """
                select r.id::text from replay r
                where matched <> queued + gone + "left"
                                 + (select coalesce(sum(value::bigint), 0) from jsonb_each_text(r.skipped::jsonb))""");
        ALWAYS.put("what a replay has open is in the queue", """
                select r.id::text from replay r
                where open <> (select count(*) from queue q where q.replay_id = r.id)""");
        AT_REST.put("nothing is in flight with a node that is gone", """
                select d.id::text from delivery d where d.node is not null
                   and not exists (select from node n where n.id = d.node and n.gone_at is null)
                union all
                select q.id::text from queue q where q.node is not null
                   and not exists (select from node n where n.id = q.node and n.gone_at is null)""");
        AT_REST.put("what waits has a subscription or its tombstone", """
                select q.id::text from queue q
                where not exists (select from subscription s where s.id = q.subscription_id)""");
    }

    private Invariants() {}

    /** Fails with every sentence that is broken and up to five rows that break it. */
    public static void hold(Tx tx) {
        check(tx, ALWAYS);
    }

    /** The same, and what becomes true when the sweeps have run. */
    public static void holdAtRest(Tx tx) {
        check(tx, ALWAYS);
        check(tx, AT_REST);
    }

    private static void check(Tx tx, Map<String, String> sentences) {
        List<String> broken = tx.snapshot(connection -> broken(connection, sentences));
        assertThat(broken).isEmpty();
    }

    /** All sentences. */
    static Map<String, String> sentences() {
        Map<String, String> all = new LinkedHashMap<>(ALWAYS);
        all.putAll(AT_REST);
        return all;
    }

    /** Every sentence that is broken, and up to five rows that break it. */
    static List<String> broken(Connection connection, Map<String, String> sentences) throws SQLException {
        List<String> found = new ArrayList<>();
        for (var sentence : sentences.entrySet()) {
            List<String> rows = Sql.of(connection, "select * from (" + sentence.getValue() + ") broken limit 5")
                    .list(row -> row.getString(1));
            if (!rows.isEmpty()) {
                found.add(sentence.getKey() + ": not " + rows);
            }
        }
        return found;
    }
}
