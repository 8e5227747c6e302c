package dev.fanfare.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.delivery.ClaimStore.Due;
import dev.fanfare.delivery.ClaimStore.Want;
import dev.fanfare.platform.DayPartitions;
import dev.fanfare.platform.Tx;
import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import io.agroal.api.AgroalDataSource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A queue is empty again and again, and when it was vacuumed then, the planner takes it for a table of one row until the
 * next vacuum, whatever has come since. Each of its statements touches what it changes all the same, as the server counts
 * it; joined the wrong way round it would read the whole backlog for each row.
 */
class EmptyQueueStatisticsTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private static final int WAITING = 20_000;
    private static final int ROOM = 200;
    /** Entries of indexes and rows of the queue that are read for each one that is changed; 2 to 4 now. */
    private static final int READ_PER_ROW = 6;

    private static final Instant NOW = Rows.NOW;

    private final Rows rows = new Rows(postgres.tx());
    private final UUID node = rows.node();
    private final UUID lane = rows.subscription();

    @BeforeEach
    void a_queue_that_was_vacuumed_while_it_was_empty_and_has_a_backlog_now() {
        new DayPartitions(postgres.tx()).ensure(NOW, 1);
        rows.run("alter table queue set (autovacuum_enabled = off)");
        fill();
        rows.run("delete from queue");
        rows.run("delete from delivery");
        rows.run("vacuum (truncate off) queue");
        assertThat(rows.all("select reltuples, relpages > 1 as pages from pg_class where oid = 'queue'::regclass"))
                .containsExactly(Map.of("reltuples", 0f, "pages", true));
        fill();
        // what this session read is counted now and not later
        read(postgres.tx());
    }

    private void fill() {
        rows.run("""
                with event as (
                  insert into event (id, tenant_id, ce_id, source, type, data_kind)
                  select (lpad(to_hex((extract(epoch from ?::timestamptz) * 1000)::bigint), 12, '0') || '7000'
                          || substr(md5(random()::text), 1, 16))::uuid, ?, 'e', '/rows', 't', 'none'
                  returning id, tenant_id
                ), wanted as materialized (
                  select (left(id::text, 13) || '-7001-8000-' || lpad(to_hex(i), 12, '0'))::uuid as id, id as event_id, tenant_id
                  from event, generate_series(1, ?) i
                ), history as (
                  insert into delivery (id, event_id, subscription_id, tenant_id, event_type, state)
                  select id, event_id, ?, tenant_id, 't', 'pending' from wanted
                )
                insert into queue (id, subscription_id, due_at, queued_at, claim_no, attempts, step)
                select id, ?, ?::timestamptz - interval '1 second', now(), 1, 0, 0 from wanted""", NOW.toString(), TestPostgres.TENANT, WAITING, lane, lane, NOW.toString());
    }

    @AfterEach
    void clean_up() {
        rows.run("alter table queue reset (autovacuum_enabled)");
    }

    /** Runs the work, which says how many rows it changed, once with a first plan and then with plans that were kept. */
    private void touchesWhatItChanges(String what, ToIntFunction<Tx> work) {
        for (String mode : List.of("auto", "force_generic_plan")) {
            try (AgroalDataSource one = postgres.oneConnection("set plan_cache_mode = " + mode)) {
                Tx tx = new Tx(one);
                long before = read(tx);
                int changed = work.applyAsInt(tx);
                assertThat(changed).as("%s, %s", what, mode).isPositive();
                assertThat((read(tx) - before) / changed)
                        .as("read for each row: %s, %s", what, mode)
                        .isLessThanOrEqualTo(READ_PER_ROW);
            }
        }
    }

    private static long read(Tx tx) {
        Rows session = new Rows(tx);
        // twice: the first one's own end is where the counts of what ran before it are sent
        session.all("select pg_stat_force_next_flush()::text");
        session.all("select pg_stat_force_next_flush()::text");
        return (Long) session.all("""
                        select (sum(i.idx_tup_read) + t.seq_tup_read)::bigint as read
                        from pg_stat_user_indexes i join pg_stat_user_tables t using (relid)
                        where t.relname = 'queue' group by t.relid, t.seq_tup_read""").get(0).get("read");
    }

    private List<Due> claim(Tx tx, UUID by) {
        List<Due> claimed = new ClaimStore(tx).claim(by, List.of(new Want(lane, ROOM, Instant.EPOCH)), NOW);
        assertThat(claimed).hasSize(ROOM);
        return claimed;
    }

    private List<Claim> held() {
        return dueHeld(node).stream().map(Due::claim).toList();
    }

    private List<Due> dueHeld(UUID by) {
        List<Due> claimed = claim(postgres.tx(), by);
        read(postgres.tx());
        return claimed;
    }

    @Test
    void claims() {
        touchesWhatItChanges("claim", tx -> claim(tx, node).size());
    }

    @Test
    void settles() {
        for (int status : List.of(200, 500)) {
            List<Claim> claims = new ArrayList<>(held());
            claims.addAll(held());
            touchesWhatItChanges("settle " + status, tx -> {
                List<Claim> half = List.copyOf(claims.subList(0, ROOM));
                claims.subList(0, ROOM).clear();
                List<Settlement> settlements = half.stream()
                        .map(claim -> StoreFixture.settlement(claim, status))
                        .toList();
                assertThat(new SettleStore(tx, new GateStore(tx)).settle(node, settlements, NOW))
                        .isEmpty();
                return half.size();
            });
        }
    }

    @Test
    void gives_back() {
        List<List<Due>> claims = new ArrayList<>(List.of(dueHeld(node), dueHeld(node)));
        touchesWhatItChanges("give back", tx -> {
            List<Due> half = claims.remove(0);
            new GiveBackStore(tx).giveBackInOrder(node, half);
            return half.size();
        });
        assertThat(rows.all("select count(*) as n from queue where node is not null"))
                .containsExactly(Map.of("n", 0L));
    }

    @Test
    void takes_over_from_nodes_that_are_gone() {
        List<UUID> dead = new ArrayList<>(List.of(rows.node(), rows.node()));
        dead.forEach(this::dueHeld);
        touchesWhatItChanges("take over", tx -> {
            rows.gone(dead.remove(0));
            return new GiveBackStore(tx).takeOverQueued(NOW);
        });
    }

    @Test
    void buries() {
        List<Claim> claims = new ArrayList<>(held());
        claims.addAll(held());
        touchesWhatItChanges("bury", tx -> {
            List<Claim> half = List.copyOf(claims.subList(0, ROOM));
            claims.subList(0, ROOM).clear();
            new CancelStore(tx).bury(node, half, Reason.LOSTWITHNODE, NOW);
            return half.size();
        });
        assertThat(rows.all("select count(*) as n from delivery where dead")).containsExactly(Map.of("n", 2L * ROOM));
    }

    @Test
    void cancels_what_waits_for_a_deleted_subscription() {
        rows.run("update subscription set state = 'deleted', deleted_at = now() where id = ?", lane);
        touchesWhatItChanges("cancel", tx -> new CancelStore(tx)
                .cancelDeleted(NOW).values().stream().reduce(0, Integer::sum));
    }

    @Test
    void looks_for_deleted_subscriptions_without_looking_at_what_waits() {
        try (AgroalDataSource one = postgres.oneConnection("set plan_cache_mode = auto")) {
            Tx tx = new Tx(one);
            long before = read(tx);
            assertThat(new CancelStore(tx).cancelDeleted(NOW)).isEmpty();
            assertThat(read(tx) - before).isZero();
        }
    }
}
