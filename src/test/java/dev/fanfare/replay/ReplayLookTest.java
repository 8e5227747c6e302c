package dev.fanfare.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.platform.DayPartitions;
import dev.fanfare.platform.JsonObjectReader;
import dev.fanfare.platform.Sql;
import dev.fanfare.platform.TypeId;
import dev.fanfare.replay.Candidates.Candidate;
import dev.fanfare.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Looks at a long history stay short: bounded in rows, by the narrowest index, in the days that count. */
class ReplayLookTest extends ReplayFixture {
    private static final int DEAD = 25_000;
    private static final int HISTORY = 4 * DEAD;
    private static final int DAYS = 4;

    /** What a look cost in history: rows fetched, whole partitions read, days looked into. */
    private record Cost(long rows, long wholePartitions, String days) {}

    private record Look(int found, @Nullable UUID last, Cost cost) {}

    @Override
    void the_invariants_hold() {
        // history without attempts
    }

    @Test
    void every_look_is_bounded_and_looks_only_into_the_days_and_the_index_that_serve_it() {
        UUID other = rows.subscription();
        history(other);

        Look dead = look("{}", null);
        assertThat(dead.found()).isEqualTo(1_000);
        // and some of each day: the planner looks at the ends of indexes
        assertThat(dead.cost().rows()).isLessThan(1_050);
        assertThat(dead.cost().wholePartitions()).isZero();

        Look day = look("{'from':'2026-03-03T00:00:00Z','to':'2026-03-04T00:00:00Z'}", null);
        assertThat(day.found()).isEqualTo(1_000);
        assertThat(day.cost().rows()).isLessThan(1_050);
        assertThat(day.cost().days()).isEqualTo("20260303");

        // nothing of this type: the look ends after its rows all the same
        Look none = look("{'type':'nothing.such'}", dead.last());
        assertThat(none.found()).isZero();
        assertThat(none.cost().rows()).isLessThan(1_050);

        Look ofLane = look("{'subscription':'" + TypeId.format("sub", other) + "'}", null);
        assertThat(ofLane.found()).isEqualTo(10);
        assertThat(ofLane.cost().rows()).isLessThan(50);
        assertThat(ofLane.cost().wholePartitions()).isZero();

        Look delivered = look("{'state':'delivered'}", null);
        assertThat(delivered.cost().rows()).isLessThan(1_050);
        assertThat(delivered.cost().wholePartitions()).isZero();

        UUID waits = rows.waiting(lane, NOW);
        Look pending = look("{'state':'pending'}", null);
        assertThat(pending.last()).isEqualTo(waits);
        assertThat(pending.cost().rows()).isLessThan(50);

        UUID one = dead.last();
        Look named = look(naming(one), null);
        assertThat(named.found()).isEqualTo(1);
        assertThat(named.cost().rows()).isLessThan(50);

        UUID event = (UUID) rows.delivery(one).get("event_id");
        Look byEvent = look("{'events':['" + TypeId.format("evt", event) + "']}", null);
        assertThat(byEvent.found()).isEqualTo(1);
        assertThat(byEvent.cost().rows()).isLessThan(50);
    }

    /** A quarter died, evenly over the days; ten of another subscription are among them. */
    private void history(UUID other) {
        new DayPartitions(tx).ensure(NOW, DAYS + 1);
        rows.run(
                """
                with made as (
                  select n, lpad(to_hex((extract(epoch from ?::timestamptz) * 1000)::bigint + n * ?::bigint), 12, '0')
                            || '7' || substr(md5(n::text), 1, 3) || '8' as head, md5('e' || n) as tail
                  from generate_series(0, ?) n
                ), events as (
                  insert into event (id, tenant_id, ce_id, source, type, data_kind)
                  select (head || substr(tail, 1, 15))::uuid, ?, n::text, '/rows', 'row.made', 'none' from made
                )
                insert into delivery (id, event_id, subscription_id, tenant_id, event_type, state, dead, reason,
                                      settled_at)
                select (head || substr(tail, 16, 15))::uuid, (head || substr(tail, 1, 15))::uuid,
                       case when n % 10000 = 4 then ? else ? end, ?, 'row.made',
                       case when n % 4 = 0 then 'dead' else 'delivered' end, n % 4 = 0,
                       case when n % 4 = 0 then 'exhausted' end, ?::timestamptz
                from made""",
                NOW.toString(),
                Duration.ofDays(DAYS).toMillis() / HISTORY,
                HISTORY - 1,
                TestPostgres.TENANT,
                other,
                lane,
                TestPostgres.TENANT,
                NOW.toString());
        tx.statement(
                c -> Sql.of(c, "analyze delivery, event, queue, subscription").update());
    }

    private Look look(String selector, @Nullable UUID cursor) {
        Candidates candidates = new Candidates(
                Selector.read(JsonObjectReader.of(ReplayStore.parse(selector.replace('\'', '"')))),
                TestPostgres.TENANT,
                NOW.plus(Duration.ofDays(DAYS)));
        return tx.run(connection -> {
            Map<String, long[]> before = counted(connection);
            List<Candidate> looked = candidates.look(connection, cursor, null, 1_000);
            Map<String, long[]> after = counted(connection);
            // counts of earlier transactions may not have been passed on yet
            before.forEach((day, counts) -> {
                after.get(day)[0] -= counts[0];
                after.get(day)[1] -= counts[1];
            });
            return new Look(
                    (int) looked.stream().filter(Candidate::matches).count(),
                    looked.isEmpty() ? null : looked.get(looked.size() - 1).id(),
                    new Cost(
                            after.values().stream()
                                    .mapToLong(counts -> counts[0])
                                    .sum(),
                            after.values().stream()
                                    .mapToLong(counts -> counts[1])
                                    .sum(),
                            after.entrySet().stream()
                                    .filter(day -> day.getValue()[0] > 0)
                                    .map(Map.Entry::getKey)
                                    .collect(Collectors.joining(" "))));
        });
    }

    /** Rows fetched by index and whole reads of each day, as this session counted them. */
    private static Map<String, long[]> counted(Connection connection) throws SQLException {
        Map<String, long[]> counts = new TreeMap<>();
        Sql.of(connection, """
                        select right(relname, 8) as day, coalesce(idx_tup_fetch, 0) as fetched,
                               coalesce(seq_scan, 0) as whole
                        from pg_stat_xact_user_tables where schemaname = 'fanfare' and relname like 'delivery_2%'""")
                .list(row ->
                        counts.put(row.getString("day"), new long[] {row.getLong("fetched"), row.getLong("whole")}));
        return counts;
    }
}
