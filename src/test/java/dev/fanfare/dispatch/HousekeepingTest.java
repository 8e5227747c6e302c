package dev.fanfare.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.delivery.Claim;
import dev.fanfare.platform.DatabaseException;
import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.testing.FakeSink.Answer;
import dev.fanfare.testing.Invariants;
import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HousekeepingTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private Bench bench;
    private UUID lane;

    @BeforeEach
    void open() {
        bench = new Bench(postgres);
        lane = bench.rows.subscription();
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private int compareEveryFiveSeconds(int looks) {
        int given = 0;
        for (int i = 0; i < looks; i++) {
            bench.clock.forward(Duration.ofSeconds(5));
            given += bench.housekeeping.compare();
        }
        return given;
    }

    @Test
    void a_queued_claim_that_nobody_holds_is_given_back_at_the_seventh_look() {
        UUID id = bench.rows.waiting(lane, Rows.NOW);
        bench.rows.run("update queue set node = ?, due_at = null, claim_no = 2", bench.nodes.id());
        assertThat(compareEveryFiveSeconds(Housekeeping.LOOKS - 1)).isZero();
        assertThat(compareEveryFiveSeconds(1)).isEqualTo(1);
        assertThat(bench.rows.queued(id))
                .containsEntry("node", null)
                .containsEntry("lost", 0)
                .containsEntry("claim_no", 2);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 4})
    void what_an_accept_with_an_unknown_end_left_in_flight_is_given_back(long phase) {
        Instant accept = bench.holdings.opened();
        Claim claim = bench.rows.fresh(bench.nodes.id(), lane, accept);
        bench.holdings.closed(accept, false);
        bench.clock.forward(Duration.ofSeconds(phase));
        assertThat(compareEveryFiveSeconds(20)).isEqualTo(1);
        assertThat(bench.rows.queued(claim.id())).isNotEmpty();
        Invariants.holdAtRest(bench.tx);
    }

    @Test
    void what_an_accept_with_an_unknown_end_commits_late_is_given_back() {
        Instant accept = bench.holdings.opened();
        bench.holdings.closed(accept, false);
        // longer than a statement may run
        compareEveryFiveSeconds(4);
        Claim late = bench.rows.fresh(bench.nodes.id(), lane, accept);
        assertThat(compareEveryFiveSeconds(20)).isEqualTo(1);
        assertThat(bench.rows.queued(late.id())).isNotEmpty();
    }

    @Test
    void what_could_not_be_given_back_when_its_time_had_come_is_given_back_later() {
        Instant accept = bench.holdings.opened();
        Claim claim = bench.rows.fresh(bench.nodes.id(), lane, accept);
        bench.holdings.closed(accept, false);
        bench.rows.run("alter table queue add constraint nobody_returns check (claim_no > 1) not valid");
        try {
            assertThatThrownBy(() -> compareEveryFiveSeconds(20)).isInstanceOf(DatabaseException.class);
        } finally {
            bench.rows.run("alter table queue drop constraint nobody_returns");
        }
        assertThat(compareEveryFiveSeconds(20)).isEqualTo(1);
        assertThat(bench.rows.queued(claim.id())).isNotEmpty();
    }

    @Test
    void what_is_held_is_never_given_back() {
        bench.sink.on("/hang", Answer.hang());
        LiveSubscription hanging = bench.subscribe("/hang", "{}");
        bench.accept(hanging);
        bench.rows.waiting(hanging.id(), Rows.NOW);
        assertThat(bench.claimer.pass()).isEqualTo(1);
        bench.sink.awaitRequests(2);
        assertThat(compareEveryFiveSeconds(20)).isZero();
        assertThat(bench.holdings.count()).isEqualTo(2);
    }

    @Test
    void a_claim_that_is_seen_again_under_another_number_starts_anew() {
        bench.rows.waiting(lane, Rows.NOW);
        bench.rows.run("update queue set node = ?, due_at = null, claim_no = 2", bench.nodes.id());
        compareEveryFiveSeconds(Housekeeping.LOOKS - 1);
        bench.rows.run("update queue set claim_no = 3");
        assertThat(compareEveryFiveSeconds(Housekeeping.LOOKS - 1)).isZero();
        assertThat(compareEveryFiveSeconds(1)).isEqualTo(1);
    }

    @Test
    void a_gone_nodes_late_accept_is_taken_over_by_a_later_sweep() {
        UUID other = bench.rows.node();
        bench.rows.gone(other);
        assertThat(bench.housekeeping.sweep()).isZero();
        Claim late = bench.rows.fresh(other, lane);
        bench.clock.forward(Duration.ofSeconds(2));
        assertThat(bench.housekeeping.sweep()).isEqualTo(1);
        assertThat(bench.rows.queued(late.id())).containsEntry("lost", 1);
        Invariants.holdAtRest(bench.tx);
    }

    @Test
    void what_waits_for_a_deleted_subscription_is_cancelled_and_counted() {
        UUID id = bench.rows.waiting(lane, Rows.NOW);
        bench.rows.run("update subscription set state = 'deleted', deleted_at = now()");
        bench.housekeeping.cancelDeleted();
        bench.housekeeping.writeCounts();
        assertThat(bench.rows.delivery(id)).containsEntry("state", "cancelled");
        assertThat(bench.rows.all("select * from subscription_stats").get(0))
                .containsEntry("cancelled", 1L)
                .containsEntry("delivered", 0L);
    }
}
