package dev.fanfare.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.testing.FakeSink.Answer;
import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryScheduleTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private static final Instant NOW = Rows.NOW;
    private static final List<Duration> STANDARD = List.of(
            Duration.ofSeconds(5),
            Duration.ofMinutes(5),
            Duration.ofMinutes(30),
            Duration.ofHours(2),
            Duration.ofHours(5),
            Duration.ofHours(10),
            Duration.ofHours(14),
            Duration.ofHours(20),
            Duration.ofHours(24));

    @RegisterExtension
    final Bench bench = new Bench(postgres);

    private UUID deliveryTo(String path, String settings) {
        LiveSubscription subscription = bench.subscribe(path, settings);
        return bench.rows.waiting(subscription.id(), NOW);
    }

    private Instant due(UUID delivery) {
        return (Instant) bench.rows.queued(delivery).get("due_at");
    }

    /** When the last attempt ended, by the same measure as the server's. */
    private Instant lastEnd(UUID delivery) {
        List<Map<String, Object>> attempts = bench.rows.attempts(delivery);
        Map<String, Object> last = attempts.get(attempts.size() - 1);
        return ((Instant) last.get("started_at")).plusMillis((Integer) last.get("duration_ms"));
    }

    @Test
    void seventy_five_hours_of_failures_are_ten_attempts_at_the_standard_times() {
        bench.sink.on("/down", Answer.status(503));
        UUID delivery = deliveryTo("/down", "{}");
        assertThat(bench.step(NOW)).isEqualTo(1);

        List<Double> factors = new ArrayList<>();
        for (Duration wait : STANDARD) {
            Instant due = due(delivery);
            Duration actual = Duration.between(lastEnd(delivery), due);
            assertThat(actual.toNanos())
                    .isBetween((long) (wait.toNanos() * 0.8) - 1_000, (long) (wait.toNanos() * 1.2) + 1_000);
            factors.add((double) actual.toNanos() / wait.toNanos());
            assertThat(bench.step(due.minusSeconds(2))).as("before its time").isZero();
            assertThat(bench.step(due)).as("at its time").isEqualTo(1);
        }

        assertThat(bench.sink.requests())
                .hasSize(10)
                .extracting(r -> r.header("fanfare-attempt"))
                .containsExactly("1", "2", "3", "4", "5", "6", "7", "8", "9", "10");
        assertThat(bench.sink.requests())
                .extracting(r -> r.header("webhook-id"))
                .containsOnly(bench.sink.requests().get(0).header("webhook-id"));
        assertThat(factors).as("jitter").doesNotHaveDuplicates();
        assertThat(bench.rows.delivery(delivery))
                .containsEntry("state", "dead")
                .containsEntry("reason", "exhausted")
                .containsEntry("attempts", 10);
        assertThat(bench.rows.queued(delivery)).isEmpty();
        assertThat(Duration.between(NOW, bench.clock.instant())).isBetween(Duration.ofHours(60), Duration.ofHours(91));
    }

    @Test
    void a_receiver_that_comes_back_gets_it_at_the_next_retry() {
        bench.sink.on("/flaky", Answer.status(500), Answer.status(404), Answer.status(204));
        UUID delivery = deliveryTo("/flaky", "{\"retry\":{\"schedule\":[\"PT1M\",\"PT1H\",\"PT1H\"],\"jitter\":0}}");
        bench.step(NOW);
        assertThat(due(delivery)).isEqualTo(lastEnd(delivery).plus(Duration.ofMinutes(1)));
        bench.step(due(delivery));
        assertThat(due(delivery)).isEqualTo(lastEnd(delivery).plus(Duration.ofHours(1)));
        bench.step(due(delivery));
        assertThat(bench.rows.delivery(delivery))
                .containsEntry("state", "delivered")
                .containsEntry("attempts", 3);
    }

    @ParameterizedTest
    @CsvSource({"120, 120", "1, 1", "86400, 86400", "172800, 86400", "99999999999999999999, 86400"})
    void retry_after_in_seconds_is_obeyed_up_to_a_day(String value, long seconds) {
        bench.sink.on("/busy", Answer.status(429, "Retry-After", value));
        UUID delivery = deliveryTo("/busy", "{}");
        bench.step(NOW);
        assertThat(due(delivery)).isEqualTo(lastEnd(delivery).plusSeconds(seconds));
        assertThat(bench.rows.queued(delivery)).containsEntry("step", 0);
        assertThat(bench.rows.all("select closed_until from gate").get(0)).containsEntry("closed_until", due(delivery));
    }

    @Test
    void retry_after_as_a_date_is_obeyed() {
        String date = "Sun, 01 Mar 2026 12:10:00 GMT";
        bench.sink.on("/busy", Answer.status(503, "Retry-After", date));
        UUID delivery = deliveryTo("/busy", "{}");
        bench.step(NOW);
        assertThat(due(delivery)).isEqualTo(lastEnd(delivery).plusSeconds(600));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-5", "soon", "Thu, 01 Jan 1970 00:00:00 GMT"})
    void a_retry_after_that_is_no_wait_leaves_it_to_the_schedule(String value) {
        bench.sink.on("/busy", Answer.status(503, "Retry-After", value));
        UUID delivery = deliveryTo("/busy", "{\"retry\":{\"schedule\":[\"PT1M\"],\"jitter\":0}}");
        bench.step(NOW);
        assertThat(due(delivery)).isEqualTo(lastEnd(delivery).plusSeconds(60));
        assertThat(bench.rows.count("gate")).isZero();
    }

    @Test
    void a_hundred_times_retry_after_use_no_step_of_the_schedule() {
        Answer[] answers = new Answer[101];
        for (int i = 0; i < 100; i++) {
            answers[i] = Answer.status(429, "Retry-After", "1");
        }
        answers[100] = Answer.status(200);
        bench.sink.on("/busy", answers);
        UUID delivery = deliveryTo("/busy", "{\"retry\":{\"schedule\":[\"PT1M\"],\"jitter\":0}}");
        assertThat(bench.step(NOW)).isEqualTo(1);
        for (int i = 0; i < 100; i++) {
            // the gate opens with the first look at or after its time
            assertThat(bench.step(due(delivery).plusSeconds(1)))
                    .as("attempt %d", i + 2)
                    .isEqualTo(1);
        }
        assertThat(bench.rows.delivery(delivery))
                .containsEntry("state", "delivered")
                .containsEntry("attempts", 101);
    }

    @Test
    void retry_after_holds_the_whole_lane_until_its_time() {
        bench.sink.on("/busy", Answer.status(429, "Retry-After", "60"), Answer.status(200));
        LiveSubscription subscription = bench.subscribe("/busy", "{}");
        UUID first = bench.rows.waiting(subscription.id(), NOW);
        bench.step(NOW);
        UUID second = bench.rows.waiting(subscription.id(), NOW);
        assertThat(bench.accept(subscription))
                .as("a new one is not handed over")
                .isFalse();
        assertThat(bench.step(due(first).minusSeconds(1))).isZero();
        assertThat(bench.step(due(first))).isEqualTo(3);
        assertThat(bench.rows.delivery(second)).containsEntry("state", "delivered");
        assertThat(bench.sink.requests()).hasSize(4);
    }

    @Test
    void retry_after_does_not_hold_a_delivery_beyond_maxage() {
        bench.sink.on("/busy", Answer.status(429, "Retry-After", "3600"));
        UUID delivery = deliveryTo("/busy", "{\"retry\":{\"maxage\":\"PT90M\"}}");
        bench.step(NOW);
        bench.step(due(delivery));
        bench.step(due(delivery));
        assertThat(bench.rows.delivery(delivery))
                .containsEntry("state", "dead")
                .containsEntry("reason", "expired")
                .containsEntry("attempts", 3);
    }

    @Test
    void an_empty_schedule_is_one_attempt() {
        bench.sink.on("/down", Answer.status(500));
        UUID delivery = deliveryTo("/down", "{\"retry\":{\"schedule\":[]}}");
        bench.step(NOW);
        assertThat(bench.rows.delivery(delivery)).containsEntry("state", "dead").containsEntry("reason", "exhausted");
    }

    @Test
    void a_gate_closed_before_the_start_is_obeyed_from_the_first_claim() {
        bench.sink.on("/busy", Answer.status(200));
        LiveSubscription subscription = bench.subscribe("/busy", "{}");
        UUID delivery = bench.rows.waiting(subscription.id(), NOW);
        bench.rows.run(
                "insert into gate values (?, 1, ?::timestamptz)",
                subscription.id(),
                NOW.plusSeconds(30).toString());
        assertThat(bench.step(NOW)).isZero();
        assertThat(bench.step(NOW.plusSeconds(30))).isEqualTo(1);
        assertThat(bench.rows.delivery(delivery)).containsEntry("state", "delivered");
    }

    @Test
    void what_five_nodes_died_with_is_dead_without_another_attempt() {
        UUID delivery = deliveryTo("/poison", "{}");
        bench.rows.run("update queue set lost = 5");
        assertThat(bench.step(NOW)).isZero();
        assertThat(bench.rows.delivery(delivery))
                .containsEntry("state", "dead")
                .containsEntry("reason", "lostwithnode");
        assertThat(bench.sink.requests()).isEmpty();
        assertThat(bench.meters.get("fanfare.operational.events").counter().count())
                .isEqualTo(1);
    }
}
