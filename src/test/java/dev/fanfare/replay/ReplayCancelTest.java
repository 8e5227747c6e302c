package dev.fanfare.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.delivery.Claim;
import dev.fanfare.platform.TypeId;
import dev.fanfare.replay.Job.Counters;
import dev.fanfare.testing.TestPostgres;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A replay that is cancelled half way gives back what nobody has attempted to its end. */
class ReplayCancelTest extends ReplayFixture {
    private static final Instant END = LATER.plusSeconds(60);

    private void cancel(UUID job) {
        assertThat(store.cancel(TestPostgres.TENANT, job, END)).isTrue();
        assertThat(shown(job).state()).isEqualTo(Job.State.CANCELLED);
        assertThat(shown(job).finishedAt()).isEqualTo(END);
    }

    @Test
    void the_dead_are_dead_again_the_waiting_wait_on_and_new_ones_are_cancelled() {
        UUID dead = past(lane, NOW, "dead", "gone");
        UUID cancelled = past(lane, NOW, "cancelled", "replaycancelled");
        UUID waiting = rows.waiting(lane, NOW);
        UUID delivered = delivered(lane);
        UUID job = job(naming(dead, cancelled, waiting, delivered));
        feed(job);
        UUID repeated = (UUID) rows.all("select id from delivery where replay_of = ?", delivered)
                .get(0)
                .get("id");
        assertThat(counters(job).open()).isEqualTo(4);

        cancel(job);
        feed(job);

        assertThat(rows.delivery(dead))
                .containsEntry("state", "dead")
                .containsEntry("reason", "gone")
                .containsEntry("attempts", 1)
                .containsEntry("claim_no", 4)
                .containsEntry("last_status", 500);
        assertThat(rows.delivery(cancelled))
                .containsEntry("state", "cancelled")
                .containsEntry("reason", "replaycancelled");
        assertThat(rows.queued(waiting)).containsEntry("replay_id", null).containsEntry("was_state", null);
        assertThat(rows.delivery(repeated))
                .containsEntry("state", "cancelled")
                .containsEntry("reason", "replaycancelled");
        assertThat(counters(job)).isEqualTo(new Counters(4, 1, "{}", 0, 3, 0, 0, 1, 0));
        assertThat(store.unfinished()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"200, delivered, 0", "400, dead, 0", "500, dead, 1"})
    void one_in_flight_is_counted_as_it_ends_or_given_back_when_it_would_be_tried_again(
            int status, String state, int left) {
        UUID id = dead(lane);
        UUID job = job("{}");
        feed(job);
        Claim claim = claim(lane).get(0);
        cancel(job);
        step(job);
        assertThat(counters(job).open()).isEqualTo(1);
        assertThat(store.unfinished()).containsExactly(job);

        settles.settle(node, List.of(answered(claim, status)), LATER);
        step(job);

        assertThat(rows.delivery(id))
                .containsEntry("state", state)
                .containsEntry("claim_no", 5)
                .containsEntry("attempts", 2)
                .containsEntry("last_status", status)
                .containsEntry("reason", status == 200 ? null : status == 400 ? "final" : "exhausted");
        assertThat(counters(job).left()).isEqualTo(left);
        assertThat(counters(job).open()).isZero();
        assertThat(store.unfinished()).isEmpty();
    }

    @Test
    void one_that_was_waiting_and_is_in_flight_stays_the_jobs_until_it_comes_back() {
        UUID id = rows.waiting(lane, NOW);
        UUID job = job("{'state':'pending'}");
        feed(job);
        Claim claim = claim(lane).get(0);
        cancel(job);
        step(job);
        assertThat(rows.queued(id)).containsEntry("replay_id", job);

        settles.settle(node, List.of(answered(claim, 500)), LATER);
        step(job);

        assertThat(rows.queued(id)).containsEntry("replay_id", null).containsEntry("attempts", 1);
        assertThat(rows.delivery(id)).containsEntry("state", "pending");
        assertThat(counters(job)).isEqualTo(new Counters(1, 0, "{}", 0, 1, 0, 0, 0, 0));
    }

    @ParameterizedTest
    @CsvSource({"pending", "dead"})
    void one_that_is_just_being_claimed_is_not_waited_for(String state) {
        UUID id = state.equals("dead") ? dead(lane) : rows.waiting(lane, NOW);
        UUID job = job("{'state':'" + state + "'}");
        feed(job);
        cancel(job);

        tx.run(c -> {
            try (var claiming =
                    c.prepareStatement("update queue set node = ?, due_at = null, claim_no = 9 where id = ?")) {
                claiming.setObject(1, node);
                claiming.setObject(2, id);
                claiming.executeUpdate();
            }
            // would wait for the lock, and at its end take from the claim what was the job's
            assertThat(store.step(job, LATER).more()).isFalse();
            return null;
        });

        assertThat(rows.queued(id)).containsEntry("replay_id", job).containsEntry("node", node);
        assertThat(counters(job).open()).isEqualTo(1);
        settles.settle(node, List.of(answered(new Claim(node, id, lane, 9, false, 0, 0, 0, job, null), 200)), LATER);
        assertThat(counters(job)).isEqualTo(new Counters(1, 1, "{}", 0, 0, 1, 0, 0, 0));
        rows.run("update attempt set number = 2 where claim_no = 9");
        rows.run("update delivery set attempts = (select count(*) from attempt where delivery_id = delivery.id)");
    }

    @Test
    void what_the_job_had_not_come_to_stays_dead() {
        dead(lane, 130);
        UUID job = job("{'subscription':'" + TypeId.format("sub", lane) + "'}");
        feed(job);
        attempt(lane, 200);
        cancel(job);

        feed(job);

        assertThat(rows.count("queue")).isZero();
        assertThat(rows.count("delivery where state = 'dead'")).isEqualTo(30);
        assertThat(counters(job)).isEqualTo(new Counters(100, 100, "{}", 0, 0, 100, 0, 0, 0));
    }

    @Test
    void only_a_running_job_is_cancelled_and_only_by_its_tenant() {
        UUID job = job("{}");
        assertThat(store.cancel(new UUID(7, 7), job, END)).isFalse();
        cancel(job);
        assertThat(store.cancel(TestPostgres.TENANT, job, END)).isFalse();
    }

    @Test
    void what_was_given_back_can_be_replayed_again() {
        UUID id = dead(lane);
        UUID job = job("{}");
        feed(job);
        cancel(job);
        feed(job);

        UUID again = job("{}");
        rows.run("update replay set created_at = ?::timestamptz where id = ?", END.toString(), again);
        feed(again);
        attempt(lane, 200);

        assertThat(rows.delivery(id)).containsEntry("state", "delivered").containsEntry("claim_no", 5);
        assertThat(counters(again).delivered()).isEqualTo(1);
    }
}
