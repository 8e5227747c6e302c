package dev.fanfare.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.testing.FakeSink.Answer;
import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SuspectsTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private static final Instant NOW = Rows.NOW;

    private Bench bench;
    private LiveSubscription subscription;

    @BeforeEach
    void open() {
        bench = new Bench(postgres);
        bench.sink.on("/hook", Answer.status(200));
        subscription = bench.subscribe("/hook", "{}");
        bench.clock.set(NOW);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private UUID lost(int times, Instant due) {
        UUID id = bench.rows.waiting(subscription.id(), due);
        bench.rows.run("update queue set lost = ? where id = ?", times, id);
        return id;
    }

    @Test
    void what_two_nodes_died_with_is_attempted_one_at_a_time() {
        lost(2, NOW.minusSeconds(3));
        lost(3, NOW.minusSeconds(2));
        assertThat(bench.claimer.pass()).as("set aside").isZero();
        assertThat(bench.claimer.pass()).isEqualTo(1);
        assertThat(bench.claimer.pass()).as("the first one is not settled").isZero();
        bench.settle(1);
        assertThat(bench.claimer.pass()).isEqualTo(1);
        bench.settle(1);
        assertThat(bench.sink.requests("/hook")).hasSize(2);
        assertThat(bench.holdings.count()).isZero();
    }

    @Test
    void others_do_not_wait_for_suspects() {
        lost(2, NOW.minusSeconds(3));
        lost(1, NOW.minusSeconds(2));
        lost(0, NOW.minusSeconds(1));
        assertThat(bench.claimer.pass()).isEqualTo(2);
        assertThat(bench.claimer.pass()).isEqualTo(1);
        bench.settle(3);
        assertThat(bench.sink.requests("/hook")).hasSize(3);
    }

    @Test
    void what_waits_for_its_turn_is_given_back_at_the_end() {
        UUID first = lost(2, NOW.minusSeconds(3));
        bench.claimer.pass();
        bench.claimer.close();
        bench.settle(1);
        assertThat(bench.rows.queued(first)).containsEntry("lost", 2).containsEntry("node", null);
        assertThat(bench.holdings.count()).isZero();
    }
}
