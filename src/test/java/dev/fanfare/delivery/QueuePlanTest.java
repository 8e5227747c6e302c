package dev.fanfare.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.platform.DayPartitions;
import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import io.agroal.api.AgroalDataSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the hot statements read, as the server counts it: with a month of days each touches its own day alone, by index.
 * A generic plan is what a session uses after some executions; there only the bounds beside the ids prune.
 */
class QueuePlanTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private static final Instant NOW = Rows.NOW;
    private static final String TODAY = "20260301";

    private final Rows rows = new Rows(postgres.tx());
    private final UUID node = rows.node();
    private final UUID lane = rows.subscription();

    @BeforeEach
    void a_month_of_history() {
        new DayPartitions(postgres.tx()).ensure(NOW.minus(Duration.ofDays(15)), 30);
        rows.run("""
                with row as (
                  select i, (lpad(to_hex((extract(epoch from ?::timestamptz - make_interval(days => i % 31 - 15)) * 1000)::bigint), 12, '0')
                             || '70008000' || lpad(to_hex(i), 12, '0'))::uuid as id
                  from generate_series(1, 9300) i
                ), events as (
                  insert into event (id, tenant_id, ce_id, source, type, data_kind)
                  select id, ?, i::text, '/s', 't', 'none' from row
                ), attempts as (
                  insert into attempt (started_at, delivery_id, claim_no, number, duration_ms, status)
                  select now(), id, 1, 1, 1, 200 from row
                )
                insert into delivery (id, event_id, subscription_id, tenant_id, event_type, state, settled_at, attempts)
                select id, id, ?, ?, 't', 'delivered', now(), 1 from row""", NOW.toString(), TestPostgres.TENANT, lane, TestPostgres.TENANT);
        rows.run("""
                insert into queue (id, subscription_id, due_at, queued_at, claim_no, attempts, step)
                select gen_random_uuid(), gen_random_uuid(), now() + interval '1 day', now(), 1, 0, 0 from generate_series(1, 5000)""");
        for (String table : List.of("event", "delivery", "attempt", "queue")) {
            rows.run("analyze " + table);
        }
    }

    @AfterAll
    static void drop_the_days_that_no_other_test_needs() {
        Rows rows = new Rows(postgres.tx());
        rows.all("""
                        select relname from pg_class where relkind = 'r' and relname ~ '^(event|delivery|attempt)_20260[23]'
                        and right(relname, 8) not in ('20260301', '20260302')""").forEach(row -> rows.run("drop table " + row.get("relname")));
    }

    /** The scans of each table that the work made, as "sequential/by index". */
    private Map<String, String> scans(String setting, Consumer<Tx> work) {
        try (AgroalDataSource one = postgres.oneConnection(setting)) {
            Tx tx = new Tx(one);
            // what the pool's connection did before, the invariants' scans too, is counted now and not later
            flush(postgres.tx());
            flush(tx);
            Map<String, long[]> before = counters();
            work.accept(tx);
            flush(tx);
            Map<String, String> made = new TreeMap<>();
            counters().forEach((table, after) -> {
                long[] then = before.getOrDefault(table, new long[2]);
                if (after[0] > then[0] || after[1] > then[1]) {
                    made.put(table, (after[0] - then[0]) + " sequential, by index: " + (after[1] > then[1]));
                }
            });
            return made;
        }
    }

    private static void flush(Tx tx) {
        for (int i = 0; i < 2; i++) {
            tx.statement(connection -> Sql.of(connection, "select pg_stat_force_next_flush()::text")
                    .list(row -> row.getString(1)));
        }
    }

    private Map<String, long[]> counters() {
        Map<String, long[]> counters = new TreeMap<>();
        rows.all("""
                        select relname::text as name, seq_scan, coalesce(idx_scan, 0) as idx_scan from pg_stat_user_tables
                        where relname ~ '^(event|delivery|attempt|queue)'""")
                .forEach(row -> counters.put(
                        row.get("name").toString(),
                        new long[] {(Long) row.get("seq_scan"), (Long) row.get("idx_scan")}));
        return counters;
    }

    private static Map<String, String> byIndex(String... tables) {
        Map<String, String> expected = new TreeMap<>();
        for (String table : tables) {
            expected.put(table, "0 sequential, by index: true");
        }
        return expected;
    }

    private List<Claim> fresh() {
        return IntStream.range(0, 20).mapToObj(i -> rows.fresh(node, lane)).toList();
    }

    private List<Claim> queued() {
        for (int i = 0; i < 20; i++) {
            rows.waiting(lane, NOW);
        }
        return StoreFixture.claimAll(postgres.tx(), node, lane, NOW);
    }

    private static void settle(Tx tx, UUID node, List<Claim> claims, int status) {
        new SettleStore(tx, new GateStore(tx))
                .settle(
                        node,
                        claims.stream()
                                .map(claim -> StoreFixture.settlement(claim, status))
                                .toList(),
                        NOW);
    }

    @ParameterizedTest
    @ValueSource(strings = {"set plan_cache_mode = auto", "set plan_cache_mode = force_generic_plan"})
    void fresh_outcomes_are_settled_in_their_day(String mode) {
        List<Claim> delivered = fresh();
        assertThat(scans(mode, tx -> settle(tx, node, delivered, 200)))
                .isEqualTo(byIndex("attempt_" + TODAY, "delivery_" + TODAY));
        List<Claim> failed = fresh();
        assertThat(scans(mode, tx -> settle(tx, node, failed, 500)))
                .isEqualTo(byIndex("attempt_" + TODAY, "delivery_" + TODAY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"set plan_cache_mode = auto", "set plan_cache_mode = force_generic_plan"})
    void queued_outcomes_are_settled_in_their_day(String mode) {
        List<Claim> delivered = queued();
        assertThat(scans(mode, tx -> settle(tx, node, delivered, 200)))
                .isEqualTo(byIndex("attempt_" + TODAY, "delivery_" + TODAY, "queue"));
        List<Claim> failed = queued();
        assertThat(scans(mode, tx -> settle(tx, node, failed, 500))).isEqualTo(byIndex("attempt_" + TODAY, "queue"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"set plan_cache_mode = auto", "set plan_cache_mode = force_generic_plan"})
    void claims_read_the_queue_by_lane_and_load_their_day(String mode) {
        for (int i = 0; i < 20; i++) {
            rows.waiting(lane, NOW);
        }
        List<List<Claim>> claimed = new ArrayList<>();
        assertThat(scans(mode, tx -> claimed.add(StoreFixture.claimAll(tx, node, lane, NOW))))
                .isEqualTo(byIndex("queue"));
        assertThat(claimed.get(0)).hasSize(20);
        assertThat(scans(mode, tx -> new ClaimStore(tx).load(claimed.get(0))))
                .isEqualTo(byIndex("delivery_" + TODAY, "event_" + TODAY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"set plan_cache_mode = auto", "set plan_cache_mode = force_generic_plan"})
    void what_is_given_back_or_taken_over_is_found_in_its_day(String mode) {
        List<Claim> fresh = fresh();
        assertThat(scans(mode, tx -> new GiveBackStore(tx).giveBack(node, fresh, NOW)))
                .isEqualTo(byIndex("delivery_" + TODAY));

        UUID dead = rows.node();
        rows.fresh(dead, lane);
        rows.gone(dead);
        GiveBackStore.GoneNode gone =
                new GiveBackStore(postgres.tx()).goneNodes().get(0);
        List<Integer> taken = new ArrayList<>();
        assertThat(scans(mode, tx -> taken.add(new GiveBackStore(tx).takeOverFresh(gone, NOW))))
                .isEqualTo(byIndex("delivery_" + TODAY));
        assertThat(taken).containsExactly(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"set plan_cache_mode = auto", "set plan_cache_mode = force_generic_plan"})
    void what_is_buried_is_found_in_its_day(String mode) {
        List<Claim> lost = queued();
        assertThat(scans(mode, tx -> new CancelStore(tx).bury(node, lost, Reason.LOSTWITHNODE, NOW)))
                .isEqualTo(byIndex("delivery_" + TODAY, "queue"));
        assertThat(lost).hasSize(20).allSatisfy(claim -> assertThat(rows.delivery(claim.id()))
                .containsEntry("state", "dead"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"set plan_cache_mode = auto", "set plan_cache_mode = force_generic_plan"})
    void what_waits_for_a_deleted_subscription_is_found_by_lane_and_cancelled_in_its_day(String mode) {
        UUID deleted = rows.subscription("deleted", "https://receiver.example/");
        for (int i = 0; i < 20; i++) {
            rows.waiting(deleted, NOW);
        }
        List<Map<UUID, Integer>> cancelled = new ArrayList<>();
        assertThat(scans(mode, tx -> cancelled.add(new CancelStore(tx).cancelDeleted(NOW))))
                .isEqualTo(byIndex("delivery_" + TODAY, "queue"));
        assertThat(cancelled).containsExactly(Map.of(deleted, 20));
    }

    @ParameterizedTest
    @ValueSource(strings = {"set plan_cache_mode = auto", "set plan_cache_mode = force_generic_plan"})
    void settling_successes_is_a_hot_update(String mode) {
        List<Claim> delivered = fresh();
        long before = hot();
        scans(mode, tx -> settle(tx, node, delivered, 200));
        // one may find its page full
        assertThat(hot() - before).isBetween(18L, 20L);
    }

    private long hot() {
        return (Long)
                rows.all("select n_tup_hot_upd as n from pg_stat_user_tables where relname = 'delivery_" + TODAY + "'")
                        .get(0)
                        .get("n");
    }
}
