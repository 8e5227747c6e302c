package dev.fanfare.dispatch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.testing.FakeSink.Answer;
import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One row that the database refuses, or that nobody can read, among many that are well. */
class PoisonTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private Bench bench;
    private LiveSubscription odd;
    private LiveSubscription even;

    @BeforeEach
    void open() {
        bench = new Bench(postgres);
        bench.sink.on("/odd", Answer.status(202, "odd".getBytes(UTF_8)));
        odd = bench.subscribe("/odd", "{}");
        even = bench.subscribe("/even", "{}");
    }

    @AfterEach
    void close() {
        bench.rows.run("alter table attempt drop constraint if exists refused");
        bench.close();
    }

    /** The database takes only attempts of which this is true. */
    private void refuseAttemptsBut(String condition) {
        bench.rows.run("alter table attempt add constraint refused check (" + condition + ")");
    }

    private UUID waiting(LiveSubscription subscription) {
        return bench.rows.waiting(subscription.id(), Rows.NOW);
    }

    /** Delivers one to the odd sink among some to the even one, all of them settled in one batch; returns the odd one. */
    private UUID deliver(boolean fresh) {
        List<LiveSubscription> all = List.of(even, even, odd, even, even);
        List<UUID> waiting = new ArrayList<>();
        for (LiveSubscription subscription : all) {
            if (fresh) {
                bench.accept(subscription);
            } else {
                waiting.add(waiting(subscription));
            }
        }
        if (!fresh) {
            assertThat(bench.claimer.pass()).isEqualTo(all.size());
        }
        bench.awaitOutcomes(all.size());
        bench.settle(all.size());
        assertThat(bench.rows.all(
                        "select id from delivery where state = 'delivered' and subscription_id = ?", even.id()))
                .as("the others")
                .hasSize(4);
        assertThat(bench.holdings.count()).isZero();
        assertThat(bench.rows.count("queue")).isZero();
        return (UUID) bench.rows
                .all("select id from delivery where subscription_id = ?", odd.id())
                .get(0)
                .get("id");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_response_that_the_database_refuses_is_left_out(boolean fresh) {
        refuseAttemptsBut("response_body is distinct from 'odd'::bytea");

        UUID id = deliver(fresh);

        assertThat(bench.rows.delivery(id)).containsEntry("state", "delivered").containsEntry("attempts", 1);
        assertThat(bench.rows.attempts(id)).singleElement().satisfies(attempt -> assertThat(attempt)
                .containsEntry("status", 202)
                .containsEntry("reason", "unrecordable")
                .containsEntry("response_body", null));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void an_outcome_that_the_database_refuses_in_every_form_is_dead_and_not_sent_again(boolean fresh) {
        refuseAttemptsBut("status <> 202");

        UUID id = deliver(fresh);

        assertThat(bench.rows.delivery(id))
                .containsEntry("state", "dead")
                .containsEntry("reason", "unrecordable")
                .containsEntry("attempts", 0);
        assertThat(bench.rows.attempts(id)).isEmpty();
        assertThat(bench.meters.get("fanfare.operational.events").counter().count())
                .isEqualTo(1);
        assertThat(bench.step(Rows.NOW.plusSeconds(3_600))).isZero();
    }

    @Test
    void a_replay_counts_an_outcome_that_the_database_refuses_as_failed() {
        refuseAttemptsBut("status <> 202");
        UUID replay = bench.rows.replay(1);
        bench.rows.run("update queue set replay_id = ? where id = ?", replay, waiting(odd));

        bench.step(Rows.NOW);

        assertThat(bench.rows.all("select * from replay").get(0))
                .containsEntry("failed", 1L)
                .containsEntry("open", 0L);
    }

    @Test
    void a_delivery_whose_event_cannot_be_read_is_dead_and_those_claimed_with_it_are_sent() {
        List<UUID> well = List.of(waiting(even), waiting(odd));
        UUID rotten = waiting(even);
        bench.rows.run("""
                update event set extensions = 'rotten' where id = (select event_id from delivery where id = ?)""", rotten);

        assertThat(bench.step(Rows.NOW)).isEqualTo(well.size());

        assertThat(well).allSatisfy(id -> assertThat(bench.rows.delivery(id)).containsEntry("state", "delivered"));
        Map<String, Object> row = bench.rows.delivery(rotten);
        assertThat(row).containsEntry("state", "dead").containsEntry("reason", "unreadable");
        assertThat(bench.rows.count("queue")).isZero();
        assertThat(bench.meters.get("fanfare.operational.events").counter().count())
                .isEqualTo(1);
    }
}
