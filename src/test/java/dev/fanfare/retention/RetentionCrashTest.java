package dev.fanfare.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.platform.DatabaseException;
import dev.fanfare.platform.DayPartitions;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.Tx;
import dev.fanfare.testing.Breakable;
import dev.fanfare.testing.Breakable.Side;
import dev.fanfare.testing.Invariants;
import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Retention that breaks at any of its statements is gone on with the next time, and forgets nothing that lives. */
class RetentionCrashTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private static final Duration MONTH = Duration.ofDays(30);
    private static final LocalDate DAY = LocalDate.parse("2025-01-20");
    private static final Instant NOON = Instant.parse("2025-01-20T12:00:00Z");
    private static final Instant TOO_OLD =
            Instant.parse("2025-01-21T00:00:00Z").plus(MONTH).plus(MONTH);

    private final Tx tx = postgres.tx();
    private final Rows rows = new Rows(tx);
    private final UUID lane = rows.subscription();
    private final Breakable database = new Breakable(postgres.dataSource());
    private final Tx broken = new Tx(database.dataSource());

    private boolean dayIsThere() {
        return !rows.all("select from pg_class where relkind = 'r' and relname ~ '_20250120$'")
                .isEmpty();
    }

    @Test
    void a_broken_forgetting_is_gone_on_with_and_cancels_what_waits_once() {
        assertThat(database.breakEverywhere(Side.AFTER, new Breakable.Drill() {
                    private UUID replay = lane;
                    private UUID living = lane;

                    @Override
                    public void prepare() {
                        new DayPartitions(tx).ensure(NOON, 0);
                        UUID id = Ids.at(NOON);
                        replay = rows.replay(1);
                        living = rows.waiting(lane, Rows.NOW);
                        rows.run("""
                                insert into delivery (id, event_id, subscription_id, tenant_id, event_type, state)
                                values (?, ?, ?, ?, 't', 'pending')""", id, rows.event(NOON), lane, TestPostgres.TENANT);
                        rows.run("""
                                insert into queue (id, subscription_id, due_at, queued_at, claim_no, attempts, step, replay_id)
                                values (?, ?, now(), now(), 1, 0, 0, ?)""", id, lane, replay);
                    }

                    @Override
                    public void run() {
                        new Forgetting(broken, MONTH, MONTH).forget(TOO_OLD);
                    }

                    @Override
                    public void recover(DatabaseException failure) {
                        new Forgetting(tx, MONTH, MONTH).forget(TOO_OLD);
                        assertThat(dayIsThere()).isFalse();
                        assertThat(rows.all("select cancelled, open from replay where id = ?", replay))
                                .containsExactly(Map.of("cancelled", 1L, "open", 0L));
                        assertThat(rows.queued(living)).isNotEmpty();
                        Invariants.holdAtRest(tx);
                    }
                }))
                .isGreaterThan(15);
    }

    @Test
    void broken_days_are_made_whole_the_next_time() {
        assertThat(database.breakEverywhere(Side.AFTER, new Breakable.Drill() {
                    @Override
                    public void prepare() {
                        assertThat(dayIsThere()).isFalse();
                    }

                    @Override
                    public void run() {
                        new DayPartitions(broken).ensure(NOON, 0);
                    }

                    @Override
                    public void recover(DatabaseException failure) {
                        new DayPartitions(tx).ensure(NOON, 0);
                        rows.event(NOON);
                        new DayPartitions(tx).drop(DAY);
                    }
                }))
                .isEqualTo(9);
    }

    @ParameterizedTest
    @EnumSource
    void identities_whose_turn_breaks_turn_once(Side side) {
        Duration window = Duration.ofDays(1);
        assertThat(database.breakEverywhere(side, new Breakable.Drill() {
                    @Override
                    public void prepare() {
                        rows.run(
                                "update maintenance set done_at = ?::timestamptz",
                                Rows.NOW.minus(window).toString());
                        rows.run("truncate identity_current, identity_previous");
                        for (String generation : List.of("current", "previous")) {
                            rows.run(
                                    "insert into identity_%1$s values (convert_to('%1$s', 'UTF8'), gen_random_uuid(), '')"
                                            .formatted(generation));
                        }
                    }

                    @Override
                    public void run() {
                        new Forgetting(broken, MONTH, MONTH).turn(window, Rows.NOW);
                    }

                    @Override
                    public void recover(DatabaseException failure) {
                        new Forgetting(tx, MONTH, MONTH).turn(window, Rows.NOW);
                        assertThat(rows.count("identity_current")).isZero();
                        assertThat(rows.all("select convert_from(key, 'UTF8') as key from identity_previous"))
                                .containsExactly(Map.of("key", "current"));
                    }
                }))
                .isEqualTo(3);
    }
}
