package dev.fanfare.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.delivery.GateStore.Gate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class GateStoreTest extends StoreFixture {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration HOUR = Duration.ofHours(1);

    private Settlement retryAfter(Duration wait, int sinkRevision) {
        return settlement(rows.fresh(node, lane), outcome(429, wait), sinkRevision);
    }

    private Gate gate(int sinkRevision, Duration wait) {
        return new Gate(lane, sinkRevision, NOW.plusMillis(40).plus(wait));
    }

    private void settle(Settlement... batch) {
        settles.settle(node, List.of(batch), NOW);
    }

    @Test
    void the_greatest_time_wins_in_a_batch_and_over_batches() {
        settle(retryAfter(MINUTE, 1), retryAfter(HOUR, 1));
        assertThat(gates.closed(NOW)).containsExactly(gate(1, HOUR));
        settle(retryAfter(MINUTE, 1));
        assertThat(gates.closed(NOW)).containsExactly(gate(1, HOUR));
        settle(retryAfter(HOUR.plus(MINUTE), 1));
        assertThat(gates.closed(NOW)).containsExactly(gate(1, HOUR.plus(MINUTE)));
    }

    @Test
    void an_older_sink_does_not_close_the_lane() {
        rows.run("update subscription set sink_revision = 2");
        settle(retryAfter(HOUR, 1));
        assertThat(gates.closed(NOW)).isEmpty();
    }

    @Test
    void an_older_sink_does_not_speak_over_the_new_one() {
        rows.run("update subscription set sink_revision = 2");
        settle(retryAfter(HOUR, 1), retryAfter(MINUTE, 2));
        assertThat(gates.closed(NOW)).containsExactly(gate(2, MINUTE));
    }

    @Test
    void a_new_sink_sets_its_own_time() {
        settle(retryAfter(HOUR, 1));
        rows.run("update subscription set sink_revision = 2");
        settle(retryAfter(MINUTE, 2));
        assertThat(gates.closed(NOW)).containsExactly(gate(2, MINUTE));
    }

    @Test
    void a_gate_is_open_from_its_time_on() {
        settle(retryAfter(MINUTE, 1));
        assertThat(gates.closed(NOW.plusMillis(39).plus(MINUTE))).hasSize(1);
        assertThat(gates.closed(NOW.plusMillis(40).plus(MINUTE))).isEmpty();
    }

    @Test
    void a_gate_is_removed_a_day_after_it_has_opened() {
        settle(retryAfter(MINUTE, 1));
        Instant opened = NOW.plusMillis(40).plus(MINUTE);
        assertThat(gates.removeOpen(opened.plus(Duration.ofDays(1)))).isZero();
        assertThat(gates.removeOpen(opened.plus(Duration.ofDays(1)).plusMillis(1)))
                .isEqualTo(1);
    }

    @Test
    void a_late_outcome_still_closes_the_lane() {
        Claim claim = rows.fresh(node, lane);
        settles.settle(rows.node(), List.of(settlement(claim, 429, MINUTE)), NOW);
        assertThat(gates.closed(NOW)).containsExactly(gate(1, MINUTE));
    }
}
