package dev.fanfare.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.delivery.CancelStore;
import dev.fanfare.dispatch.DeliveryMetrics;
import dev.fanfare.platform.DatabaseException;
import dev.fanfare.platform.DayPartitions;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import io.agroal.api.AgroalDataSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class OldDaysTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    /** Before every day that another test makes. */
    private static final LocalDate DAY = LocalDate.parse("2025-01-10");

    private static final Instant NOON = Instant.parse("2025-01-10T12:00:00Z");
    /** Then all of the day is older than 30 days. */
    private static final Instant OLD = Instant.parse("2025-02-10T00:00:00Z");

    private static final Instant TOO_OLD = OLD.plus(Duration.ofDays(30));

    private final Rows rows = new Rows(postgres.tx());
    private final UUID lane = rows.subscription();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final OldDays days = oldDays(postgres.tx());

    private OldDays oldDays(Tx tx) {
        return oldDays(tx, Duration.ofDays(30));
    }

    private OldDays oldDays(Tx tx, Duration keep) {
        return new OldDays(
                tx,
                new DayPartitions(tx),
                new CancelStore(tx),
                new DeliveryMetrics(meters, () -> OLD),
                new RetentionConfig() {
                    @Override
                    public Duration keep() {
                        return keep;
                    }

                    @Override
                    public Duration maxHold() {
                        return Duration.ofDays(30);
                    }
                },
                meters);
    }

    @BeforeEach
    void a_day_with_something_delivered() {
        new DayPartitions(postgres.tx()).ensure(NOON, 1);
        delivered(rows, NOON);
    }

    @AfterEach
    void drop_the_days() {
        partitions().forEach(name -> rows.run("drop table " + name));
    }

    private void delivered(Rows by, Instant accepted) {
        UUID id = Ids.at(accepted);
        by.run("""
                insert into delivery (id, event_id, subscription_id, tenant_id, event_type, state, settled_at, attempts)
                values (?, ?, ?, ?, 't', 'delivered', now(), 1)""", id, by.event(accepted), lane, TestPostgres.TENANT);
        by.run("""
                insert into attempt (started_at, delivery_id, claim_no, number, duration_ms, status)
                values (now(), ?, 1, 1, 1, 200)""", id);
    }

    private UUID waiting() {
        UUID id = Ids.at(NOON);
        rows.run("""
                insert into delivery (id, event_id, subscription_id, tenant_id, event_type, state)
                values (?, ?, ?, ?, 't', 'pending')""", id, rows.event(NOON), lane, TestPostgres.TENANT);
        rows.run("""
                insert into queue (id, subscription_id, due_at, queued_at, claim_no, attempts, step)
                values (?, ?, now(), now(), 1, 0, 0)""", id, lane);
        return id;
    }

    private List<String> partitions() {
        return rows
                .all("select relname from pg_class where relkind = 'r' and relname ~ '_202501[0-9]{2}$' order by 1")
                .stream()
                .map(row -> row.get("relname").toString())
                .toList();
    }

    private double held() {
        return meters.get("fanfare.retention.held.days").gauge().value();
    }

    @Test
    void kept_for_a_century_nothing_is_forgotten_and_everything_can_be_replayed() {
        assertThat(oldDays(postgres.tx(), Duration.ofDays(36_500)).forget(OLD)).isEmpty();
        assertThat(partitions()).isNotEmpty();
        assertThat(rows.all("select kept_from from retention"))
                .extracting(row -> Ids.timeOf((UUID) row.get("kept_from")))
                .containsExactly(Instant.EPOCH);
    }

    @Test
    void a_day_is_kept_until_all_of_it_is_old() {
        assertThat(days.forget(OLD.minusMillis(1))).isEmpty();
        assertThat(rows.count("delivery")).isEqualTo(1);
    }

    @Test
    void an_old_day_is_forgotten_with_its_events_deliveries_and_attempts_and_the_next_one_stays() {
        assertThat(days.forget(OLD)).containsExactly(DAY);
        assertThat(partitions()).containsExactly("attempt_20250111", "delivery_20250111", "event_20250111");
        assertThat(days.forget(OLD)).isEmpty();
    }

    @Test
    void a_day_of_which_something_waits_stays_whole() {
        UUID waits = waiting();
        assertThat(days.forget(TOO_OLD.minusMillis(1))).containsExactly(DAY.plusDays(1));
        assertThat(held()).isEqualTo(1);
        assertThat(rows.count("event")).isEqualTo(2);
        assertThat(rows.count("attempt")).isEqualTo(1);
        assertThat(rows.queued(waits)).isNotEmpty();
    }

    @Test
    void what_waits_for_too_long_is_cancelled_with_an_operational_event_and_its_day_goes() {
        waiting();
        assertThat(days.forget(TOO_OLD)).contains(DAY);
        assertThat(rows.count("queue")).isZero();
        assertThat(held()).isZero();
        assertThat(meters.get("fanfare.operational.events")
                        .tag("type", "delivery.expired")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void what_is_in_flight_too_late_keeps_its_day() {
        UUID inFlight = waiting();
        rows.run("update queue set due_at = null, node = ? where id = ?", rows.node(), inFlight);
        assertThat(days.forget(TOO_OLD)).doesNotContain(DAY);
        assertThat(rows.queued(inFlight)).isNotEmpty();
    }

    @Test
    void a_node_that_may_hold_something_of_a_day_keeps_it_until_it_is_swept() {
        UUID node = rows.node();
        rows.run("update node set floor = ?, gone_at = now() where id = ?", Ids.at(NOON), node);
        assertThat(days.forget(TOO_OLD)).isEmpty();
        rows.run("delete from node where id = ?", node);
        assertThat(days.forget(TOO_OLD)).contains(DAY);
    }

    @Test
    void a_day_that_was_forgotten_half_way_is_forgotten_to_the_end() {
        rows.run("alter table attempt detach partition attempt_20250110");
        rows.run("drop table attempt_20250110");
        rows.run("alter table delivery detach partition delivery_20250110");
        assertThat(days.forget(OLD)).containsExactly(DAY);
        assertThat(partitions()).noneMatch(name -> name.endsWith("0110"));
    }

    /** As pg_dump does, which holds its lock on each table for as long as it takes. */
    @Test
    void a_dump_keeps_the_days_and_nobody_waits_for_either() {
        try (AgroalDataSource impatient = postgres.oneConnection("set statement_timeout = 500");
                AgroalDataSource hot = postgres.oneConnection("set lock_timeout = 50")) {
            OldDays beside = oldDays(new Tx(impatient));
            Rows accepting = new Rows(new Tx(hot));
            postgres.tx().snapshot(dump -> {
                Sql.of(dump, "set local idle_in_transaction_session_timeout = 0")
                        .update();
                Sql.of(dump, "lock table event, delivery, attempt in access share mode")
                        .update();
                Sql.of(dump, "select count(*) from delivery").list(row -> row.getLong(1));
                for (int i = 0; i < 2; i++) {
                    assertThatThrownBy(() -> beside.forget(OLD)).isInstanceOf(DatabaseException.class);
                    delivered(accepting, NOON.plus(Duration.ofDays(1)));
                }
                return true;
            });
        }
        assertThat(days.forget(OLD)).containsExactly(DAY);
        assertThat(rows.count("delivery")).isEqualTo(2);
    }

    @Test
    void a_replay_that_is_at_work_is_waited_for() {
        postgres.tx().run(replay -> {
            Sql.of(replay, "select only_row from retention for share").list(row -> row.getBoolean(1));
            return assertThatThrownBy(() -> days.forget(OLD)).isInstanceOf(DatabaseException.class);
        });
        assertThat(partitions()).hasSize(6);
        assertThat(days.forget(OLD)).containsExactly(DAY);
    }

    @Test
    void of_two_replicas_one_forgets_and_not_again_for_ten_minutes() {
        rows.run(
                "update maintenance set done_at = ?::timestamptz",
                OLD.minus(Duration.ofMinutes(9)).toString());
        days.forgetIfDue(OLD);
        assertThat(partitions()).hasSize(6);
        days.forgetIfDue(OLD.plus(Duration.ofMinutes(1)));
        assertThat(partitions()).hasSize(3);
        new DayPartitions(postgres.tx()).ensure(NOON, 0);
        days.forgetIfDue(OLD.plus(Duration.ofMinutes(10)));
        assertThat(partitions()).hasSize(6);
    }
}
