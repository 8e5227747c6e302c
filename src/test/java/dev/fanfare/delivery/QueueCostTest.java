package dev.fanfare.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.delivery.ClaimStore.Due;
import dev.fanfare.delivery.ClaimStore.Want;
import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import io.agroal.api.AgroalDataSource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What claims and looks touch in the queue while a million deliveries wait there, in a thousand lanes and over thirty
 * days: as the server counts it, with the plan of the first executions and with the generic one of later ones.
 */
class QueueCostTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private static final int WAITING = 1_000_000;
    private static final int LANES = 1_000;

    /**
     * What may be touched for each row or lane that is taken or found.
     *
     * @param read entries of indexes and rows of the table that are read
     * @param buffers pages of the table and its indexes, each time that one is looked at
     */
    private record Bounds(double read, double buffers) {}

    /** Found in its lane and again by its key; 15 pages now, with a new version and its two index entries. */
    private static final Bounds CLAIM_PER_ROW = new Bounds(2.6, 20);
    /** 6 rows in its 16 seconds; 9 pages now: down the index and each row's page. */
    private static final Bounds LOOK_PER_ROW = new Bounds(1.5, 2.2);
    /**
     * Down the index once for each lane, whatever waits in it: 5 pages now, 6 when claims have just left 1,280 dead
     * entries at the heads of some lanes.
     */
    private static final Bounds FULL_LOOK_PER_LANE = new Bounds(3.2, 8);

    private static final Instant NOW = Rows.NOW;

    private final Rows rows = new Rows(postgres.tx());
    private final UUID node = rows.node();

    private record Touched(long read, long buffers) {}

    @BeforeEach
    void nothing_else_reads_the_queue() {
        // its pages would be counted too
        rows.run("alter table queue set (autovacuum_enabled = off)");
        // nobody looks at the log of a million rows
        rows.run("alter table queue set unlogged");
    }

    /** Deliveries over thirty days, two of them past; {@code lane} is made of their number i. */
    private void wait(int deliveries, String lane) {
        int step = deliveries / 10;
        for (int from = 0; from < deliveries; from += step) {
            rows.run("""
                    insert into queue (id, subscription_id, due_at, queued_at, claim_no, attempts, step)
                    select lpad(to_hex(i), 32, '0')::uuid, lpad(to_hex(%s), 32, '0')::uuid,
                           ?::timestamptz - interval '2 days' + i * interval '30 days' / ?, now(), 1, 0, 0
                    from generate_series(?, ?) i""".formatted(lane), NOW.toString(), deliveries, from, from + step - 1);
        }
    }

    @AfterEach
    void clean_up() {
        rows.run("truncate queue");
        rows.run("alter table queue set logged");
        rows.run("alter table queue reset (autovacuum_enabled)");
    }

    private static Touched counters(Rows session) {
        // twice: the first one's own end is where the counts of what ran before it are sent
        session.all("select pg_stat_force_next_flush()::text");
        session.all("select pg_stat_force_next_flush()::text");
        Map<String, Object> now = session.all("""
                        select (select sum(i.idx_tup_read)::bigint from pg_stat_user_indexes i where i.relid = t.relid) + t.seq_tup_read as read,
                               io.heap_blks_hit + io.heap_blks_read + io.idx_blks_hit + io.idx_blks_read as buffers
                        from pg_stat_user_tables t join pg_statio_user_tables io using (relid)
                        where t.relname = 'queue'""").get(0);
        return new Touched((Long) now.get("read"), (Long) now.get("buffers"));
    }

    private static Touched touched(Rows session, Runnable work) {
        Touched before = counters(session);
        work.run();
        Touched after = counters(session);
        return new Touched(after.read() - before.read(), after.buffers() - before.buffers());
    }

    private static List<Want> wants(int firstLane, int room, Map<UUID, Instant> floors) {
        return IntStream.range(firstLane, firstLane + 10)
                .mapToObj(lane -> new UUID(0, lane))
                .map(lane -> new Want(lane, room, floors.getOrDefault(lane, Instant.EPOCH)))
                .toList();
    }

    @Test
    void claims_and_looks_touch_what_they_take_and_not_what_waits() {
        // 66 of each lane are due
        wait(WAITING, "i % " + LANES);
        rows.run("analyze queue");
        int firstLane = 0;
        for (String mode : List.of("auto", "force_generic_plan")) {
            try (AgroalDataSource one = postgres.oneConnection("set plan_cache_mode = " + mode)) {
                Rows session = new Rows(new Tx(one));
                ClaimStore claims = new ClaimStore(new Tx(one));
                look(session, claims, mode);
                claim(session, claims, mode, wants(firstLane, 64, Map.of()));
                claimOnAndOn(session, claims, mode, firstLane + 10);
            }
            firstLane += 20;
        }
    }

    @Test
    void a_lane_with_nearly_all_that_waits_and_a_plan_from_when_nothing_did_cost_the_others_nothing() {
        try (AgroalDataSource one = postgres.oneConnection("set plan_cache_mode = auto")) {
            Rows session = new Rows(new Tx(one));
            ClaimStore claims = new ClaimStore(new Tx(one));
            for (int i = 0; i < 20; i++) {
                assertThat(claims.claim(node, wants(0, 8, Map.of()), NOW)).isEmpty();
            }
            // 13 of each of twenty lanes are due, and 13,000 of the one
            wait(WAITING / 5, "case when i % 1000 < 20 then i % 20 else 20 end");
            claim(session, claims, "never analyzed", wants(0, 8, Map.of()));
            rows.run("analyze queue");
            claim(session, claims, "analyzed", wants(10, 8, Map.of()));
        }
    }

    private static void look(Rows session, ClaimStore claims, String mode) {
        Set<UUID> found = new HashSet<>();
        Touched look = touched(session, () -> found.addAll(claims.lanesDue(NOW.minusSeconds(1), NOW)));
        assertThat(found).hasSize(6);
        bounded(look, 6, LOOK_PER_ROW, "look, " + mode);

        Touched full = touched(session, () -> found.addAll(claims.allLanesDue(NOW)));
        assertThat(found).hasSize(LANES);
        bounded(full, LANES, FULL_LOOK_PER_LANE, "full look, " + mode);
    }

    private List<Due> claim(Rows session, ClaimStore claims, String mode, List<Want> wants) {
        List<Due> claimed = new ArrayList<>();
        Touched claim = touched(session, () -> claimed.addAll(claims.claim(node, wants, NOW)));
        int room = wants.get(0).room();
        assertThat(claimed).hasSize(wants.size() * room);
        bounded(claim, claimed.size(), CLAIM_PER_ROW, "claim with room for " + room + ", " + mode);
        return claimed;
    }

    private static void bounded(Touched touched, int units, Bounds bounds, String what) {
        assertThat((double) touched.read() / units).as("rows read: %s", what).isLessThanOrEqualTo(bounds.read());
        assertThat((double) touched.buffers() / units).as("buffers: %s", what).isLessThanOrEqualTo(bounds.buffers());
    }

    /** While somebody still sees the rows as they were, their dead index entries stay at the head of each lane. */
    private void claimOnAndOn(Rows session, ClaimStore claims, String mode, int firstLane) {
        postgres.tx().snapshot(old -> {
            Sql.of(old, "set local idle_in_transaction_session_timeout = 0").update();
            Sql.of(old, "select from queue limit 1").list(row -> row);
            Map<UUID, Instant> floors = new HashMap<>();
            for (int round = 0; round < 8; round++) {
                for (Due due : claim(session, claims, mode, wants(firstLane, 8, floors))) {
                    floors.put(due.claim().subscriptionId(), due.dueAt().minus(ClaimStore.SLACK));
                }
            }
            return floors;
        });
    }
}
