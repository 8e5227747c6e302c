package dev.fanfare.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.delivery.Verdict.Dead;
import dev.fanfare.delivery.Verdict.Delivered;
import dev.fanfare.delivery.Verdict.Retry;
import dev.fanfare.subscription.RetryPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

class VerdictTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final List<Duration> SCHEDULE =
            List.of(Duration.ofSeconds(5), Duration.ofMinutes(5), Duration.ofHours(2));
    private static final RetryPolicy POLICY = new RetryPolicy(SCHEDULE, 0, Duration.ofDays(2), Set.of());
    private static final double ALMOST_ONE = Math.nextDown(1.0);

    private static Outcome outcome(int status, @Nullable Reason failure, @Nullable Duration retryAfter) {
        return new Outcome(
                NOW.minusMillis(40), 40, "192.0.2.1", status, failure, retryAfter, new byte[0], new byte[0], false);
    }

    private static Outcome answer(int status) {
        return answer(status, null);
    }

    private static Outcome answer(int status, @Nullable Duration retryAfter) {
        Reason failure = status / 100 == 2 ? null : status / 100 == 3 ? Reason.REDIRECT : Reason.HTTPSTATUS;
        return outcome(status, failure, retryAfter);
    }

    private static Verdict judge(Outcome outcome, RetryPolicy policy) {
        return judge(outcome, policy, true, 0);
    }

    private static Verdict judge(Outcome outcome, RetryPolicy policy, boolean sinkCurrent, int step) {
        return Verdict.of(outcome, policy, sinkCurrent, step, NOW.minusSeconds(60), 0.5, NOW);
    }

    private static RetryPolicy with(List<Duration> schedule, Integer... finalStatuses) {
        return new RetryPolicy(schedule, 0, Duration.ofDays(2), Set.of(finalStatuses));
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 202, 204, 206, 299})
    void every_2xx_is_delivered_whatever_else_the_policy_says(int status) {
        assertThat(judge(answer(status, Duration.ofHours(1)), with(List.of(), status)))
                .isEqualTo(new Delivered());
    }

    @ParameterizedTest
    @ValueSource(
            ints = {101, 300, 301, 302, 304, 308, 400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 999})
    void every_other_answer_but_410_is_tried_again_by_schedule(int status) {
        assertThat(judge(answer(status), POLICY)).isEqualTo(new Retry(NOW.plusSeconds(5), 1, null));
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.INCLUDE,
            names = {
                "TIMEOUT",
                "DNSFAILURE",
                "CONNECTREFUSED",
                "CONNECTFAILED",
                "TLSFAILURE",
                "CONNECTIONRESET",
                "NOTHTTP",
                "SINKREFUSED",
                "INTERNAL"
            })
    void no_answer_is_tried_again_by_schedule(Reason failure) {
        assertThat(judge(outcome(0, failure, null), POLICY)).isEqualTo(new Retry(NOW.plusSeconds(5), 1, null));
    }

    @Test
    void a_2xx_whose_body_was_cut_short_is_delivered() {
        Outcome cut = new Outcome(NOW, 15_000, "192.0.2.1", 200, null, null, new byte[0], new byte[0], true);
        assertThat(judge(cut, POLICY)).isEqualTo(new Delivered());
    }

    @Test
    void gone_is_dead_and_disables() {
        assertThat(judge(answer(410), POLICY)).isEqualTo(new Dead(Reason.GONE, true, null));
    }

    @Test
    void gone_counts_before_final_statuses_and_closes_no_lane() {
        assertThat(judge(answer(410, Duration.ofHours(1)), with(List.of(), 410)))
                .isEqualTo(new Dead(Reason.GONE, true, null));
    }

    @Test
    void gone_of_an_older_sink_is_an_ordinary_failure() {
        assertThat(judge(answer(410, Duration.ofHours(1)), POLICY, false, 0))
                .isEqualTo(new Retry(NOW.plusSeconds(5), 1, null));
        assertThat(judge(answer(410), with(SCHEDULE, 410), false, 0)).isEqualTo(new Dead(Reason.FINAL, false, null));
        assertThat(judge(answer(410), with(List.of()), false, 0)).isEqualTo(new Dead(Reason.EXHAUSTED, false, null));
    }

    @Test
    void a_final_status_gives_up_at_once_and_other_statuses_do_not() {
        assertThat(judge(answer(413), with(SCHEDULE, 400, 413))).isEqualTo(new Dead(Reason.FINAL, false, null));
        assertThat(judge(answer(404), with(SCHEDULE, 400, 413))).isEqualTo(new Retry(NOW.plusSeconds(5), 1, null));
    }

    @Test
    void a_final_status_counts_before_an_empty_schedule_and_before_retry_after() {
        Instant until = NOW.plusSeconds(30);
        assertThat(judge(answer(400, Duration.ofSeconds(30)), with(List.of(), 400)))
                .isEqualTo(new Dead(Reason.FINAL, false, until));
    }

    @Test
    void an_empty_schedule_means_one_attempt_and_counts_before_retry_after() {
        assertThat(judge(answer(500), with(List.of()))).isEqualTo(new Dead(Reason.EXHAUSTED, false, null));
        assertThat(judge(answer(503, Duration.ofSeconds(30)), with(List.of())))
                .as("the lane waits for the sake of the others")
                .isEqualTo(new Dead(Reason.EXHAUSTED, false, NOW.plusSeconds(30)));
    }

    @ParameterizedTest
    @CsvSource({"0, PT5S, 1", "1, PT5M, 2", "2, PT2H, 3"})
    void each_failure_waits_for_its_step_of_the_schedule(int step, Duration wait, int next) {
        assertThat(judge(answer(500), POLICY, true, step)).isEqualTo(new Retry(NOW.plus(wait), next, null));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 100})
    void the_failure_after_the_last_step_is_dead(int step) {
        assertThat(judge(answer(500), POLICY, true, step)).isEqualTo(new Dead(Reason.EXHAUSTED, false, null));
    }

    @ParameterizedTest
    @CsvSource({"0, 240000", "0.5, 300000", "0.25, 270000", "0.75, 330000"})
    void jitter_spreads_the_wait_evenly(double chance, long millis) {
        assertThat(Verdict.of(answer(500), jittered(0.2), true, 1, NOW, chance, NOW))
                .isEqualTo(new Retry(NOW.plusMillis(millis), 2, null));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.1, 0.2, 0.5, 1})
    void jitter_never_leaves_its_bounds(double jitter) {
        Duration wait = SCHEDULE.get(1);
        for (double chance : new double[] {0, Double.MIN_VALUE, 0.3, 0.5, 0.9, ALMOST_ONE}) {
            Retry retry = (Retry) Verdict.of(answer(500), jittered(jitter), true, 1, NOW, chance, NOW);
            assertThat(Duration.between(NOW, retry.dueAt()).toNanos())
                    .isBetween(Math.round(wait.toNanos() * (1 - jitter)), Math.round(wait.toNanos() * (1 + jitter)));
        }
    }

    private static RetryPolicy jittered(double jitter) {
        return new RetryPolicy(SCHEDULE, jitter, Duration.ofDays(2), Set.of());
    }

    @ParameterizedTest
    @CsvSource({"429, PT1S", "503, PT2M", "301, PT10S", "500, PT23H59M59S", "404, PT24H"})
    void retry_after_closes_the_lane_and_uses_no_step(int status, Duration wait) {
        Instant until = NOW.plus(wait);
        assertThat(judge(answer(status, wait), POLICY, true, 2)).isEqualTo(new Retry(until, 2, until));
    }

    @Test
    void retry_after_holds_although_the_schedule_is_used_up() {
        Instant until = NOW.plusSeconds(60);
        assertThat(judge(answer(429, Duration.ofSeconds(60)), POLICY, true, 3)).isEqualTo(new Retry(until, 3, until));
    }

    @Test
    void retry_after_is_not_jittered() {
        for (double chance : new double[] {0, ALMOST_ONE}) {
            Retry retry =
                    (Retry) Verdict.of(answer(429, Duration.ofSeconds(60)), jittered(1), true, 0, NOW, chance, NOW);
            assertThat(retry.dueAt()).isEqualTo(NOW.plusSeconds(60));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT0.999S", "-PT1S", "-PT24H"})
    void retry_after_below_a_second_is_ignored(Duration wait) {
        assertThat(judge(answer(429, wait), POLICY)).isEqualTo(new Retry(NOW.plusSeconds(5), 1, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT24H0.001S", "P30D", "PT2562047788015H"})
    void retry_after_is_capped_at_a_day(Duration wait) {
        Instant until = NOW.plus(Duration.ofDays(1));
        assertThat(judge(answer(503, wait), POLICY)).isEqualTo(new Retry(until, 0, until));
    }

    @Test
    void retry_after_of_an_older_sink_is_ignored() {
        assertThat(judge(answer(429, Duration.ofHours(3)), POLICY, false, 1))
                .isEqualTo(new Retry(NOW.plus(Duration.ofMinutes(5)), 2, null));
    }

    @ParameterizedTest
    @CsvSource({"P2D, false", "PT48H0.000000001S, true", "P3D, true", "PT1S, false"})
    void retry_after_holds_a_delivery_until_it_is_older_than_maxage(Duration age, boolean dead) {
        Instant until = NOW.plusSeconds(30);
        Verdict verdict = Verdict.of(answer(429, Duration.ofSeconds(30)), POLICY, true, 1, NOW.minus(age), 0.5, NOW);
        assertThat(verdict).isEqualTo(dead ? new Dead(Reason.EXPIRED, false, until) : new Retry(until, 1, until));
    }

    @Test
    void maxage_is_looked_at_only_for_retry_after() {
        Instant longAgo = NOW.minus(Duration.ofDays(400));
        assertThat(Verdict.of(answer(500), POLICY, true, 2, longAgo, 0.5, NOW))
                .isEqualTo(new Retry(NOW.plus(Duration.ofHours(2)), 3, null));
        assertThat(Verdict.of(answer(429, Duration.ZERO), POLICY, true, 2, longAgo, 0.5, NOW))
                .isEqualTo(new Retry(NOW.plus(Duration.ofHours(2)), 3, null));
    }

    @Test
    void only_answers_outside_2xx_count_as_final() {
        assertThat(judge(outcome(0, Reason.TIMEOUT, null), with(SCHEDULE, 400)))
                .isEqualTo(new Retry(NOW.plusSeconds(5), 1, null));
    }
}
