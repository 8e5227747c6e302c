package dev.fanfare.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class CancelStoreTest extends StoreFixture {

    private void delete(UUID subscription) {
        rows.run(
                "update subscription set state = 'deleted', deleted_at = ?::timestamptz where id = ?",
                NOW.toString(),
                subscription);
    }

    @Test
    void what_waits_for_a_deleted_subscription_is_cancelled_and_nothing_else() {
        UUID kept = rows.subscription();
        UUID living = rows.waiting(kept, NOW);
        Claim claimed = queued();
        UUID due = rows.waiting(lane, NOW);
        UUID later = rows.waiting(lane, LATER);
        delete(lane);

        assertThat(cancels.cancelDeleted(LATER)).isEqualTo(Map.of(lane, 2));
        assertThat(cancels.cancelDeleted(LATER)).isEmpty();

        for (UUID id : List.of(due, later)) {
            assertThat(rows.delivery(id))
                    .containsEntry("state", "cancelled")
                    .containsEntry("reason", "subscriptiondeleted")
                    .containsEntry("settled_at", LATER);
            assertThat(rows.queued(id)).isEmpty();
        }
        assertThat(rows.queued(living)).isNotEmpty();
        assertThat(rows.queued(claimed.id())).containsEntry("node", node);
    }

    @Test
    void what_was_attempted_before_stays_counted_so_that_a_replay_goes_on_from_there() {
        Claim first = rows.fresh(node, lane);
        settles.settle(node, List.of(settlement(first, 502)), NOW);
        settles.settle(node, List.of(settlement(claim(node, lane, LATER).get(0), 429, Duration.ofMinutes(1))), NOW);
        delete(lane);

        cancels.cancelDeleted(LATER);

        assertThat(rows.delivery(first.id()))
                .containsEntry("state", "cancelled")
                .containsEntry("claim_no", 2)
                .containsEntry("attempts", 2)
                .containsEntry("last_status", 429);
    }

    @Test
    void what_node_after_node_was_lost_with_is_dead() {
        Claim claim = queued();
        rows.run("update queue set lost = 5, claim_no = 7, node = ?", node);
        Claim seventh = new Claim(node, claim.id(), lane, 7, false, 0, 0, 5, null, null);
        Claim stale = new Claim(node, claim.id(), lane, 6, false, 0, 0, 5, null, null);

        cancels.bury(node, List.of(stale), Reason.LOSTWITHNODE, LATER);
        assertThat(rows.delivery(claim.id())).containsEntry("state", "pending");
        cancels.bury(node, List.of(seventh), Reason.LOSTWITHNODE, LATER);
        assertThat(rows.delivery(claim.id()))
                .containsEntry("state", "dead")
                .containsEntry("dead", true)
                .containsEntry("reason", "lostwithnode")
                .containsEntry("claim_no", 7);
        assertThat(rows.queued(claim.id())).isEmpty();
    }

    @Test
    void replays_count_what_was_cancelled_and_buried() {
        UUID replay = rows.replay(2);
        rows.waiting(lane, NOW);
        rows.waiting(lane, NOW);
        rows.run("update queue set replay_id = ?", replay);
        Claim claim = claims.claim(node, List.of(new ClaimStore.Want(lane, 1, NOW)), NOW)
                .get(0)
                .claim();
        cancels.bury(node, List.of(claim), Reason.LOSTWITHNODE, LATER);
        delete(lane);
        cancels.cancelDeleted(LATER);
        assertThat(rows.all("select * from replay").get(0))
                .containsEntry("failed", 1L)
                .containsEntry("cancelled", 1L);
    }

    @Test
    void what_waits_in_a_range_of_ids_expires_and_what_is_in_flight_stays() {
        Claim inFlight = queued();
        UUID waiting = rows.waiting(lane, NOW);
        UUID low = waiting.toString().compareTo(inFlight.id().toString()) < 0 ? waiting : inFlight.id();
        UUID high = waiting.equals(low) ? inFlight.id() : waiting;

        assertThat(cancels.expire(low, high, LATER)).containsExactly(Map.entry(lane, 1));

        assertThat(rows.delivery(waiting))
                .containsEntry("state", "cancelled")
                .containsEntry("reason", "expired")
                .containsEntry("settled_at", LATER);
        assertThat(rows.queued(waiting)).isEmpty();
        assertThat(rows.queued(inFlight.id())).isNotEmpty();
        assertThat(cancels.expire(low, high, LATER)).isEmpty();
    }

    @Test
    void a_tombstone_goes_when_it_is_an_hour_old_and_nothing_is_left() {
        UUID waiting = rows.waiting(lane, NOW);
        delete(lane);
        assertThat(cancels.removeTombstones(NOW.plusSeconds(3_601))).isZero();
        cancels.cancelDeleted(LATER);
        assertThat(cancels.removeTombstones(NOW.plusSeconds(3_600))).isZero();
        assertThat(cancels.removeTombstones(NOW.plusSeconds(3_601))).isEqualTo(1);
        assertThat(rows.delivery(waiting)).containsEntry("state", "cancelled");
    }

    @Test
    void a_tombstone_stays_while_something_is_in_flight_since_its_accept() {
        Claim inFlight = rows.fresh(node, lane);
        delete(lane);
        assertThat(cancels.removeTombstones(NOW.plusSeconds(3_601))).isZero();
        giveBacks.giveBack(node, List.of(inFlight), LATER);
        cancels.cancelDeleted(LATER);
        assertThat(cancels.removeTombstones(NOW.plusSeconds(3_601))).isEqualTo(1);
        assertThat(rows.delivery(inFlight.id())).containsEntry("state", "cancelled");
    }
}
