package dev.fanfare.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.Reason;
import dev.fanfare.platform.DatabaseException;
import dev.fanfare.platform.Ids;
import dev.fanfare.replay.Candidates.Candidate;
import dev.fanfare.replay.Job.Counters;
import dev.fanfare.testing.TestPostgres;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How a replay goes on: lane by lane, step by step, beside others. */
class ReplayFeedTest extends ReplayFixture {

    private int waiting(UUID job, UUID subscription) {
        return rows.all("select id from queue where replay_id = ? and subscription_id = ?", job, subscription)
                .size();
    }

    @Test
    void at_most_a_hundred_wait_in_a_lane_and_the_rest_follow_as_they_are_delivered() {
        dead(lane, 250);
        UUID other = rows.subscription();
        dead(other, 3);
        UUID job = job("{}");

        feed(job);
        assertThat(waiting(job, lane)).isEqualTo(100);
        assertThat(waiting(job, other)).isEqualTo(3);
        assertThat(counters(job).matched()).isEqualTo(103);

        attempt(lane, 200);
        feed(job);
        assertThat(waiting(job, lane)).isEqualTo(100);
        attempt(lane, 200);
        feed(job);
        assertThat(waiting(job, lane)).isEqualTo(50);
        assertThat(shown(job).fed()).isTrue();
        attempt(lane, 200);
        attempt(other, 200);
        step(job);

        assertThat(shown(job).state()).isEqualTo(Job.State.DONE);
        assertThat(counters(job)).isEqualTo(new Counters(253, 253, "{}", 0, 0, 253, 0, 0, 0));
    }

    @Test
    void a_full_lane_does_not_hold_up_the_others() {
        dead(lane, 120);
        UUID other = rows.subscription();
        dead(other, 120);
        UUID job = job("{}");

        feed(job);
        attempt(other, 200);
        feed(job);

        assertThat(waiting(job, lane)).isEqualTo(100);
        assertThat(waiting(job, other)).isEqualTo(20);
        assertThat(shown(job).state()).isEqualTo(Job.State.RUNNING);
    }

    @Test
    void what_is_gone_is_counted_once_although_its_lane_is_full_when_the_walk_comes_by() {
        dead(lane, 150);
        eventGone(dead(lane));
        dead(lane, 1_200);
        eventGone(dead(lane));
        UUID job = job("{}");

        Job fed = feed(job);
        while (!fed.fed()) {
            attempt(lane, 200);
            fed = feed(job);
        }
        attempt(lane, 200);
        step(job);

        assertThat(counters(job)).isEqualTo(new Counters(1_352, 1_350, "{}", 2, 0, 1_350, 0, 0, 0));
        assertThat(shown(job).state()).isEqualTo(Job.State.DONE);
    }

    @Test
    void delivered_ones_of_a_full_lane_are_repeated_once_each() {
        for (int i = 0; i < 130; i++) {
            delivered(lane);
        }
        UUID job = job("{'state':'delivered'}");

        feed(job);
        attempt(lane, 200);
        feed(job);
        attempt(lane, 200);
        step(job);

        assertThat(counters(job)).isEqualTo(new Counters(130, 130, "{}", 0, 0, 130, 0, 0, 0));
        assertThat(rows.all("select distinct replay_of from delivery where replay_id = ?", job))
                .hasSize(130);
    }

    @Test
    void one_that_waits_already_is_hastened_by_a_second_job_and_stays_the_first_ones() {
        UUID id = dead(lane);
        UUID first = job("{}");
        feed(first);
        rows.run("update queue set due_at = due_at + interval '1 hour', queued_at = ?::timestamptz", NOW.toString());
        UUID second = job(naming(id));

        assertThat(feed(second).counters()).isEqualTo(new Counters(1, 0, "{\"inreplay\":1}", 0, 0, 0, 0, 0, 0));

        assertThat(rows.queued(id)).containsEntry("replay_id", first).containsEntry("due_at", LATER);
        assertThat(attempt(lane, 200)).isEqualTo(1);
        assertThat(counters(first).delivered()).isEqualTo(1);
    }

    @Test
    void two_jobs_that_looked_at_the_same_delivery_bring_it_back_once() {
        UUID id = dead(lane);
        UUID waits = rows.waiting(lane, LATER.plusSeconds(60));
        UUID first = job(naming(id, waits));
        UUID second = job(naming(id, waits));
        List<Candidate> seen =
                tx.run(c -> new Candidates(ReplayStore.selector(shown(second)), TestPostgres.TENANT, CREATED)
                        .look(c, null, null, 10));
        step(first);

        // the second goes by what it saw before the first came
        Candidate dead =
                seen.stream().filter(one -> one.id().equals(id)).findFirst().orElseThrow();
        Candidate pending =
                seen.stream().filter(one -> one.id().equals(waits)).findFirst().orElseThrow();
        int again = tx.run(c -> {
            ReplayActions actions = new ReplayActions(c, shown(second), LATER);
            return actions.revive(List.of(dead)) + actions.makeDue(List.of(pending));
        });

        assertThat(again).isZero();
        assertThat(waiting(first, lane)).isEqualTo(2);
        assertThat(attempt(lane, 200)).isEqualTo(2);
    }

    @Test
    void two_jobs_at_once_bring_each_back_once() {
        dead(lane, 90);
        UUID first = job("{}");
        UUID second = job("{}");

        CompletableFuture<Long> beside =
                CompletableFuture.supplyAsync(() -> store.step(first, LATER).queued());
        long queued = store.step(second, LATER).queued() + beside.join();

        assertThat(queued).isEqualTo(90);
        assertThat(rows.count("queue")).isEqualTo(90);
        feed(first);
        feed(second);
        assertThat(counters(first).queued() + counters(second).queued()).isEqualTo(90);
    }

    @Test
    void a_step_that_is_killed_leaves_nothing_and_another_node_takes_it_again() {
        dead(lane, 5);
        UUID repeated = delivered(lane);
        UUID job = job("{}");
        UUID repeat = job(naming(repeated));
        assertThatThrownBy(() -> tx.run(c -> {
                    new Feeding(c, shown(job), LATER).step();
                    new Feeding(c, shown(repeat), LATER).step();
                    throw new SQLException("killed", "57P01");
                }))
                .isInstanceOf(DatabaseException.class);

        assertThat(rows.count("queue")).isZero();
        assertThat(counters(job)).isEqualTo(new Counters(0, 0, "{}", 0, 0, 0, 0, 0, 0));

        ReplayStore onAnotherNode = new ReplayStore(postgres.tx());
        assertThat(onAnotherNode.step(job, LATER).queued()).isEqualTo(5);
        assertThat(onAnotherNode.step(repeat, LATER).queued()).isEqualTo(1);
        assertThat(onAnotherNode.step(repeat, LATER).queued()).isZero();
    }

    @Test
    void a_job_that_another_node_is_at_is_left_alone() {
        dead(lane);
        UUID job = job("{}");
        tx.run(c -> {
            try (var lock = c.prepareStatement("select id from replay where id = ? for update")) {
                lock.setObject(1, job);
                lock.executeQuery();
                assertThat(store.step(job, LATER)).isEqualTo(ReplayStore.Step.NOTHING);
                return null;
            }
        });
        assertThat(step(job)).isEqualTo(1);
    }

    @Test
    void the_count_of_open_ones_goes_down_when_their_subscription_is_deleted() {
        UUID id = dead(lane);
        UUID job = job("{}");
        feed(job);
        rows.run("update subscription set state = 'deleted', deleted_at = now() where id = ?", lane);

        cancels.cancelDeleted(LATER);

        step(job);
        assertThat(counters(job)).isEqualTo(new Counters(1, 1, "{}", 0, 0, 0, 0, 1, 0));
        assertThat(shown(job).state()).isEqualTo(Job.State.DONE);
        assertThat(rows.delivery(id)).containsEntry("state", "cancelled").containsEntry("claim_no", 4);
    }

    @Test
    void one_that_nodes_die_with_counts_as_failed_and_its_claim_number_never_falls() {
        UUID id = dead(lane);
        UUID job = job("{}");
        feed(job);
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            List<Claim> claimed = claim(lane);
            numbers.add(claimed.get(0).number());
            rows.run("update queue set node = ? where id = ?", Ids.at(NOW), id);
            assertThat(giveBacks.takeOverQueued(LATER)).isEqualTo(1);
            step(job);
        }
        cancels.bury(node, claim(lane), Reason.LOSTWITHNODE, LATER);

        step(job);
        assertThat(numbers).containsExactly(5, 6, 7, 8, 9);
        assertThat(counters(job)).isEqualTo(new Counters(1, 1, "{}", 0, 0, 0, 1, 0, 0));
        UUID again = job(naming(id));
        rows.run("update replay set created_at = ?::timestamptz where id = ?", LATER.toString(), again);
        feed(again);
        assertThat(claim(lane)).extracting(Claim::number).containsExactly(11);
    }

    @Test
    void an_outcome_that_comes_after_its_claim_was_taken_over_counts_nothing() {
        dead(lane);
        UUID job = job("{}");
        feed(job);
        Claim late = claim(lane).get(0);
        rows.run("update queue set node = ? where id = ?", Ids.at(NOW), late.id());
        giveBacks.takeOverQueued(LATER);

        settles.settle(node, List.of(answered(late, 200)), LATER);
        step(job);
        assertThat(counters(job).open()).isEqualTo(1);

        attempt(lane, 200);
        assertThat(counters(job).delivered()).isEqualTo(1);
    }
}
