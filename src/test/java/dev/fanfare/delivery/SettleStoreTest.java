package dev.fanfare.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.platform.DatabaseException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettleStoreTest extends StoreFixture {

    private Claim claim(boolean fresh) {
        return fresh ? rows.fresh(node, lane) : queued();
    }

    @Test
    void every_kind_of_verdict_is_settled_in_one_batch() {
        List<Claim> fresh = List.of(
                rows.fresh(node, lane),
                rows.fresh(node, lane),
                rows.fresh(node, lane),
                rows.fresh(node, lane),
                rows.fresh(node, lane));
        List<Claim> queued = List.of(queued(), queued(), queued(), queued());
        List<Settlement> batch = List.of(
                settlement(fresh.get(0), 204),
                settlement(fresh.get(1), 500),
                settlement(fresh.get(2), 0),
                settlement(fresh.get(3), 410),
                settlement(fresh.get(4), 400),
                settlement(queued.get(0), 200),
                settlement(queued.get(1), 503),
                settlement(queued.get(2), 410),
                settlement(queued.get(3), 400));

        assertThat(settles.settle(node, batch, LATER)).isEmpty();

        assertThat(states(fresh))
                .containsExactly(
                        "delivered null 204",
                        "pending null null",
                        "pending null null",
                        "dead gone 410",
                        "dead final 400");
        assertThat(states(queued))
                .containsExactly("delivered null 200", "pending null null", "dead gone 410", "dead final 400");
        assertThat(rows.count("queue")).isEqualTo(3);
        assertThat(rows.count("attempt")).isEqualTo(9);
        assertThat(rows.all("select node from delivery where node is not null")).isEmpty();
    }

    private List<String> states(List<Claim> claims) {
        return claims.stream()
                .map(claim -> rows.delivery(claim.id()))
                .map(row -> row.get("state") + " " + row.get("reason") + " " + row.get("last_status"))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_success_is_final_and_leaves_the_queue(boolean fresh) {
        Claim claim = claim(fresh);
        settles.settle(node, List.of(settlement(claim, 200)), LATER);

        assertThat(rows.delivery(claim.id()))
                .containsEntry("state", "delivered")
                .containsEntry("settled_at", LATER)
                .containsEntry("attempts", 1)
                .containsEntry("claim_no", claim.number())
                .containsEntry("last_status", 200)
                .containsEntry("node", null);
        assertThat(rows.queued(claim.id())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_failure_waits_in_the_queue_for_its_time(boolean fresh) {
        Claim claim = claim(fresh);
        settles.settle(node, List.of(settlement(claim, 502)), NOW.plusSeconds(1));

        assertThat(rows.queued(claim.id()))
                .containsEntry("due_at", NOW.plusMillis(40).plusSeconds(5))
                .containsEntry("node", null)
                .containsEntry("claim_no", claim.number())
                .containsEntry("attempts", 1)
                .containsEntry("step", 1)
                .containsEntry("lost", 0)
                .containsEntry("first_attempt_at", NOW)
                .containsEntry("last_status", 502)
                .containsEntry("reason", "httpstatus");
        assertThat(rows.delivery(claim.id())).containsEntry("state", "pending").containsEntry("settled_at", null);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_retry_whose_time_is_over_when_it_is_written_is_due_then(boolean fresh) {
        Claim claim = claim(fresh);
        settles.settle(node, List.of(settlement(claim, 502)), LATER);

        assertThat(rows.queued(claim.id())).as("not below the lane's floor").containsEntry("due_at", LATER);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void an_attempt_is_kept_byte_by_byte(boolean fresh) {
        Claim claim = claim(fresh);
        Settlement settlement = settlement(claim, 500);
        settles.settle(node, List.of(settlement), LATER);

        assertThat(rows.attempts(claim.id())).singleElement().satisfies(row -> {
            assertThat(row)
                    .containsEntry("claim_no", claim.number())
                    .containsEntry("number", 1)
                    .containsEntry("started_at", NOW)
                    .containsEntry("duration_ms", 40)
                    .containsEntry("status", 500)
                    .containsEntry("reason", "httpstatus")
                    .containsEntry("address", "192.0.2.1")
                    .containsEntry("truncated", false)
                    .containsEntry("late", false);
            assertThat((byte[]) row.get("response_headers"))
                    .isEqualTo(settlement.outcome().responseHeaders());
            assertThat((byte[]) row.get("response_body"))
                    .isEqualTo(settlement.outcome().responseBody());
        });
    }

    @Test
    void attempts_go_on_counting_over_retries() {
        Claim first = rows.fresh(node, lane);
        settles.settle(node, List.of(settlement(first, 500)), NOW);
        Claim second = claim(node, lane, LATER).get(0);
        settles.settle(node, List.of(settlement(second, 200)), LATER);

        assertThat(second.number()).isEqualTo(2);
        assertThat(rows.delivery(first.id())).containsEntry("attempts", 2).containsEntry("claim_no", 2);
        assertThat(rows.attempts(first.id()))
                .extracting(row -> row.get("number"))
                .containsExactly(1, 2);
    }

    @ParameterizedTest
    @CsvSource({"true, 200", "true, 500", "true, 410", "false, 200", "false, 500", "false, 410"})
    void a_settle_repeated_after_an_unknown_commit_changes_nothing(boolean fresh, int status) {
        Settlement settlement = settlement(claim(fresh), status);
        settles.settle(node, List.of(settlement), NOW);
        Map<String, Object> delivery = rows.delivery(settlement.claim().id());
        Map<String, Object> queue = rows.queued(settlement.claim().id());

        settles.settle(node, List.of(settlement), LATER);

        assertThat(rows.delivery(settlement.claim().id())).isEqualTo(delivery);
        assertThat(rows.queued(settlement.claim().id())).isEqualTo(queue);
        assertThat(rows.attempts(settlement.claim().id())).singleElement().satisfies(row -> assertThat(row)
                .containsEntry("late", false));
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 500, 410})
    void a_settle_does_not_touch_the_next_claim_of_the_same_node(int status) {
        Claim first = queued();
        giveBacks.giveBack(node, List.of(first), NOW);
        Claim second = claim(node, lane, LATER).get(0);

        assertThat(settles.settle(node, List.of(settlement(first, status)), LATER))
                .containsExactly(first.id());

        assertThat(rows.queued(first.id())).containsEntry("node", node).containsEntry("claim_no", second.number());
        settles.settle(node, List.of(settlement(second, 200)), LATER);
        assertThat(rows.delivery(first.id())).containsEntry("state", "delivered");
    }

    @ParameterizedTest
    @CsvSource({"true, 200", "true, 500", "true, 410", "false, 200", "false, 500", "false, 410"})
    void a_late_outcome_changes_nothing_but_is_kept_as_late(boolean fresh, int status) {
        Claim late = claim(fresh);
        rows.gone(node);
        giveBacks.takeOverQueued(NOW);
        giveBacks.goneNodes().forEach(gone -> giveBacks.takeOverFresh(gone, NOW));
        UUID other = rows.node();
        Claim taken = claim(other, lane, LATER).get(0);

        assertThat(settles.settle(node, List.of(settlement(late, status, Duration.ofSeconds(9))), LATER))
                .containsExactly(late.id());

        assertThat(rows.queued(late.id())).containsEntry("node", other).containsEntry("claim_no", taken.number());
        assertThat(rows.delivery(late.id())).containsEntry("state", "pending");
        settles.settle(other, List.of(settlement(taken, 200)), LATER);
        assertThat(rows.attempts(late.id())).extracting(row -> row.get("late")).containsExactly(true, false);
    }

    @Test
    void another_node_cannot_settle_a_claim() {
        Claim fresh = rows.fresh(node, lane);
        Claim queued = queued();
        UUID other = rows.node();
        assertThat(settles.settle(other, List.of(settlement(fresh, 200), settlement(queued, 200)), LATER))
                .containsExactlyInAnyOrder(fresh.id(), queued.id());
        assertThat(rows.delivery(fresh.id())).containsEntry("state", "inflight");
        assertThat(rows.queued(queued.id())).containsEntry("node", node);
        // no claim number is another node's too
        rows.run("delete from attempt");
    }

    @Test
    void one_row_that_the_database_refuses_leaves_the_batch_as_it_was() {
        Claim good = rows.fresh(node, lane);
        Claim bad = rows.fresh(node, lane);
        Outcome nul = new Outcome(NOW, 1, "192.0.2.1\0", 500, Reason.HTTPSTATUS, null, new byte[0], new byte[0], false);
        assertThatThrownBy(() -> settles.settle(node, List.of(settlement(good, 200), settlement(bad, nul, 1)), LATER))
                .isInstanceOfSatisfying(DatabaseException.class, refusal -> assertThat(refusal.refusedData())
                        .isTrue());
        assertThat(rows.delivery(good.id())).containsEntry("state", "inflight");
        assertThat(rows.count("attempt")).isZero();
    }

    @Test
    void deliveries_of_several_days_are_settled_in_one_batch() {
        Instant tomorrow = NOW.plus(Duration.ofDays(1));
        Claim today = rows.fresh(node, lane);
        Claim next = rows.fresh(node, lane, tomorrow);
        settles.settle(node, List.of(settlement(today, 200), settlement(next, 500)), tomorrow);
        assertThat(rows.delivery(today.id())).containsEntry("state", "delivered");
        assertThat(rows.queued(next.id())).isNotEmpty();
    }

    @Test
    void what_a_replay_asked_for_is_counted_when_it_ends() {
        UUID replay = rows.replay(4);
        for (int status : new int[] {200, 200, 400, 500}) {
            UUID id = rows.waiting(lane, NOW);
            rows.run("update queue set replay_id = ? where id = ?", replay, id);
            settles.settle(node, List.of(settlement(claim(node, lane, NOW).get(0), status)), LATER);
        }
        assertThat(rows.all("select * from replay").get(0))
                .containsEntry("delivered", 2L)
                .containsEntry("failed", 1L)
                .containsEntry("cancelled", 0L)
                .containsEntry("open", 1L);
    }

    @Test
    void a_late_or_repeated_outcome_does_not_count_for_its_replay() {
        UUID replay = rows.replay(1);
        rows.run("update queue set replay_id = ? where id = ?", replay, rows.waiting(lane, NOW));
        Settlement settlement = settlement(claim(node, lane, NOW).get(0), 200);
        settles.settle(rows.node(), List.of(settlement), LATER);
        rows.run("delete from attempt");
        settles.settle(node, List.of(settlement), LATER);
        settles.settle(node, List.of(settlement), LATER);
        assertThat(rows.all("select * from replay").get(0)).containsEntry("delivered", 1L);
    }
}
