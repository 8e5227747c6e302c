package dev.fanfare.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.delivery.GiveBackStore.ClaimKey;
import dev.fanfare.delivery.GiveBackStore.GoneNode;
import dev.fanfare.platform.Ids;
import dev.fanfare.testing.Invariants;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class GiveBackStoreTest extends StoreFixture {
    private final UUID other = rows.node();

    private int sweep() {
        int taken = giveBacks.takeOverQueued(LATER);
        for (GoneNode gone : giveBacks.goneNodes()) {
            taken += giveBacks.takeOverFresh(gone, LATER);
        }
        return taken;
    }

    @Test
    void what_is_given_back_is_due_at_once_and_lost_by_nobody() {
        Claim fresh = rows.fresh(node, lane);
        Claim queued = queued();
        giveBacks.giveBack(node, List.of(fresh, queued), LATER);
        for (Claim claim : List.of(fresh, queued)) {
            assertThat(rows.queued(claim.id()))
                    .containsEntry("due_at", LATER)
                    .containsEntry("node", null)
                    .containsEntry("claim_no", claim.number())
                    .containsEntry("lost", 0)
                    .containsEntry("subscription_id", lane);
            assertThat(rows.delivery(claim.id())).containsEntry("state", "pending");
        }
        Invariants.holdAtRest(tx);
    }

    @Test
    void a_give_back_repeated_or_of_an_older_claim_changes_nothing() {
        Claim fresh = rows.fresh(node, lane);
        Claim queued = queued();
        giveBacks.giveBack(node, List.of(fresh, queued), NOW);
        List<Claim> again = claim(node, lane, LATER);
        giveBacks.giveBack(node, List.of(fresh, queued), LATER);
        assertThat(again).hasSize(2).allSatisfy(claim -> assertThat(rows.queued(claim.id()))
                .containsEntry("node", node)
                .containsEntry("claim_no", claim.number()));
    }

    @Test
    void a_node_gives_back_only_its_own() {
        Claim fresh = rows.fresh(node, lane);
        Claim queued = queued();
        giveBacks.giveBack(other, List.of(fresh, queued), LATER);
        assertThat(rows.delivery(fresh.id())).containsEntry("state", "inflight").containsEntry("node", node);
        assertThat(rows.queued(queued.id())).containsEntry("node", node);
    }

    @Test
    void a_sweep_takes_over_what_a_gone_node_held_and_counts_the_loss() {
        Claim fresh = rows.fresh(node, lane);
        Claim queued = queued();
        Claim living = rows.fresh(other, lane);
        rows.gone(node);

        assertThat(sweep()).isEqualTo(2);

        for (Claim claim : List.of(fresh, queued)) {
            assertThat(rows.queued(claim.id()))
                    .containsEntry("due_at", LATER)
                    .containsEntry("lost", 1)
                    .containsEntry("claim_no", claim.number());
        }
        assertThat(rows.delivery(living.id())).containsEntry("state", "inflight");
        assertThat(sweep()).isZero();
        Invariants.holdAtRest(tx);
    }

    @Test
    void claims_of_a_node_that_nobody_knows_go_back_too() {
        Claim queued = queued();
        rows.run("delete from node where id = ?", node);
        assertThat(giveBacks.takeOverQueued(LATER)).isEqualTo(1);
        assertThat(rows.queued(queued.id())).containsEntry("lost", 1);
    }

    @Test
    void an_accept_that_commits_after_the_sweep_is_found_by_the_next() {
        rows.gone(node);
        assertThat(sweep()).isZero();
        Claim late = rows.fresh(node, lane, NOW.plusSeconds(3));
        assertThat(sweep()).isEqualTo(1);
        assertThat(rows.queued(late.id())).containsEntry("lost", 1);
    }

    @Test
    void the_sweep_reads_no_history_below_the_floor() {
        Claim below = rows.fresh(node, lane, NOW.minusSeconds(11));
        rows.fresh(node, lane);
        rows.gone(node);
        assertThat(sweep()).isEqualTo(1);
        assertThat(rows.delivery(below.id())).containsEntry("state", "inflight");
        // no node tells a floor above what it holds
        rows.run("delete from delivery where id = ?", below.id());
    }

    @Test
    void losses_add_up_over_deaths() {
        Claim claim = rows.fresh(node, lane);
        rows.gone(node);
        sweep();
        for (int deaths = 2; deaths <= 5; deaths++) {
            UUID next = rows.node();
            assertThat(claim(next, lane, LATER))
                    .singleElement()
                    .extracting(Claim::lost)
                    .isEqualTo(deaths - 1);
            rows.gone(next);
            sweep();
        }
        assertThat(rows.queued(claim.id())).containsEntry("lost", 5).containsEntry("claim_no", 5);
    }

    @Test
    void a_node_sees_its_own_claims_to_compare() {
        Claim fresh = rows.fresh(node, lane);
        Claim queued = queued();
        rows.fresh(other, lane);
        assertThat(giveBacks.queuedClaims(node)).containsExactly(new ClaimKey(queued.id(), 2));
        UUID low = Ids.lowest(NOW.minusSeconds(1));
        assertThat(giveBacks.freshClaims(node, low, Ids.highest(NOW))).containsExactly(new ClaimKey(fresh.id(), 1));
        assertThat(giveBacks.freshClaims(node, low, Ids.highest(NOW.minusMillis(1))))
                .isEmpty();
    }

    @Test
    void a_gone_node_is_forgotten_after_ten_minutes() {
        rows.gone(node);
        assertThat(giveBacks.forgetGoneNodes(NOW.plusSeconds(600))).isZero();
        assertThat(giveBacks.forgetGoneNodes(NOW.plusSeconds(601))).isEqualTo(1);
        assertThat(giveBacks.goneNodes()).isEmpty();
    }

    @Test
    void a_gone_node_is_not_forgotten_while_something_is_in_flight_with_it() {
        rows.fresh(node, lane);
        rows.gone(node);
        assertThat(giveBacks.forgetGoneNodes(NOW.plusSeconds(601))).isZero();
        sweep();
        assertThat(giveBacks.forgetGoneNodes(NOW.plusSeconds(601))).isEqualTo(1);
    }
}
