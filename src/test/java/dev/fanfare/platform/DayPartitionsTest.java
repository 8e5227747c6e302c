package dev.fanfare.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DayPartitionsTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private static final Instant DAY = Instant.parse("2031-05-05T00:00:00Z");
    private static final String OF_MAY = "_203105__";

    private final Tx tx = postgres.tx();
    private final Rows rows = new Rows(tx);
    private final DayPartitions partitions = new DayPartitions(tx);

    @AfterEach
    void drop_the_days() {
        names().forEach(name -> rows.run("drop table " + name));
    }

    private List<String> names() {
        return rows
                .all("select relname from pg_class where relkind = 'r' and relname like '%" + OF_MAY + "' order by 1")
                .stream()
                .map(row -> row.get("relname").toString())
                .toList();
    }

    @Test
    void a_day_is_made_with_the_days_after_it_and_once() {
        partitions.ensure(DAY.plus(Duration.ofHours(23)), 1);
        partitions.ensure(DAY, 1);
        assertThat(names())
                .containsExactly(
                        "attempt_20310505",
                        "attempt_20310506",
                        "delivery_20310505",
                        "delivery_20310506",
                        "event_20310505",
                        "event_20310506");
    }

    @Test
    void a_day_takes_its_first_and_its_last_millisecond_and_nothing_else() {
        partitions.ensure(DAY, 0);
        Instant last = DAY.plus(Duration.ofDays(1)).minusMillis(1);
        for (Instant time : List.of(DAY, last)) {
            UUID event = rows.event(time);
            assertThat(rows.all("select tableoid::regclass::text as day from event where id = ?", event)
                            .get(0))
                    .containsEntry("day", "event_20310505");
        }
        for (Instant time : List.of(DAY.minusMillis(1), last.plusMillis(1))) {
            DatabaseException refused = assertThrows(DatabaseException.class, () -> rows.event(time));
            assertThat(refused.noPartition()).isTrue();
        }
    }

    @Test
    void a_row_that_a_check_refuses_is_not_a_missing_day() {
        DatabaseException refused = assertThrows(
                DatabaseException.class,
                () -> rows.run("insert into tenant (id, name) values (gen_random_uuid(), 'no partition of relation')"));
        assertThat(refused.sqlState()).isEqualTo("23514");
        assertThat(refused.noPartition()).isFalse();
    }

    @Test
    void partitions_of_delivery_leave_room_for_hot_updates_and_have_the_indexes() {
        partitions.ensure(DAY, 0);
        assertThat(rows.all(
                                "select array_to_string(reloptions, ',') as o from pg_class where relname = 'delivery_20310505'")
                        .get(0))
                .containsEntry("o", "fillfactor=50");
        assertThat(rows.all("select indexname from pg_indexes where tablename = 'delivery_20310505'"))
                .hasSize(5);
        assertThat(
                        rows.all(
                                "select conname from pg_constraint where conrelid = 'delivery_20310505'::regclass and contype = 'c'"))
                .extracting(row -> row.get("conname"))
                .doesNotContain("day")
                .hasSize(5);
    }

    @Test
    void replicas_make_the_same_days_at_the_same_time() {
        List<CompletableFuture<Void>> replicas = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            replicas.add(CompletableFuture.runAsync(() -> new DayPartitions(tx).ensure(DAY, 3)));
        }
        replicas.forEach(CompletableFuture::join);
        assertThat(names()).hasSize(12);
    }
}
