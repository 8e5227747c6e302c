package dev.fanfare.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.delivery.Claim;
import dev.fanfare.platform.Ids;
import dev.fanfare.testing.SettableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class HoldingsTest {
    private static final int ENOUGH = 7;
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final UUID NODE = UUID.randomUUID();
    private static final UUID LANE = UUID.randomUUID();

    private final SettableClock clock = new SettableClock(NOW);
    private final Holdings holdings = new Holdings(clock);

    private Claim hold(Claim claim, int bytes) {
        holdings.reserveBytes(LANE, bytes);
        holdings.add(claim, bytes);
        return claim;
    }

    private static Claim fresh(Instant time) {
        return Claim.fresh(NODE, Ids.at(time), LANE);
    }

    private static Claim queued(UUID node, UUID id, int number) {
        return new Claim(node, id, LANE, number, false, 0, 0, 0, null, null);
    }

    private Instant floor() {
        return Ids.timeOf(holdings.floor());
    }

    @Test
    void the_floor_of_a_node_that_holds_nothing_is_ten_seconds_ago() {
        assertThat(floor()).isEqualTo(NOW.minusSeconds(10));
    }

    @Test
    void the_floor_is_not_above_what_is_held_fresh() {
        Claim old = hold(fresh(NOW.minusSeconds(300)), 1);
        hold(queued(NODE, Ids.at(NOW.minusSeconds(900)), 2), 1);
        assertThat(floor()).isEqualTo(NOW.minusSeconds(300));
        holdings.remove(old);
        assertThat(floor()).isEqualTo(NOW.minusSeconds(10));
    }

    @Test
    void the_floor_is_not_above_an_accept_under_way() {
        Instant accept = holdings.opened();
        Instant same = holdings.opened();
        clock.forward(Duration.ofSeconds(60));
        assertThat(floor()).isEqualTo(accept);
        holdings.closed(accept, true);
        assertThat(floor()).as("another one of the same millisecond").isEqualTo(same);
        holdings.closed(same, true);
        assertThat(floor()).isEqualTo(clock.instant().minusSeconds(10));
    }

    @Test
    void an_accept_with_an_unknown_end_keeps_the_floor_until_it_was_looked_for_often_enough() {
        Instant accept = holdings.opened();
        holdings.closed(accept, false);

        // the database is away for an hour: nobody can look
        clock.forward(Duration.ofHours(1));
        assertThat(holdings.floor()).isEqualTo(Ids.lowest(accept));

        for (int looks = 1; looks <= ENOUGH; looks++) {
            holdings.compared(clock.instant(), ENOUGH);
            assertThat(holdings.floor()).as("after %d looks", looks).isEqualTo(Ids.lowest(accept));
        }
        holdings.compared(clock.instant(), ENOUGH);
        assertThat(holdings.floor()).isGreaterThan(Ids.lowest(accept));
    }

    @Test
    void looks_before_the_accept_must_be_visible_do_not_count() {
        Instant accept = holdings.opened();
        holdings.closed(accept, false);

        clock.forward(Duration.ofSeconds(60));
        for (int looks = 0; looks < 100; looks++) {
            holdings.compared(accept, ENOUGH);
        }
        assertThat(holdings.floor()).isEqualTo(Ids.lowest(accept));
    }

    @Test
    void an_accept_with_a_known_end_lets_the_floor_go() {
        Instant accept = holdings.opened();
        clock.forward(Duration.ofSeconds(60));
        assertThat(holdings.floor()).isEqualTo(Ids.lowest(accept));
        holdings.closed(accept, true);
        assertThat(holdings.floor()).isGreaterThan(Ids.lowest(accept));
    }

    @Test
    void bytes_count_from_the_reservation_to_the_end() {
        Claim claim = hold(fresh(NOW), 100);
        holdings.reserveBytes(LANE, 5);
        assertThat(holdings.bytes()).isEqualTo(105);
        holdings.releaseBytes(LANE, 5);
        holdings.remove(claim);
        holdings.remove(claim);
        assertThat(holdings.bytes()).isZero();
        assertThat(holdings.count()).isZero();
    }

    @Test
    void an_older_claim_of_the_same_delivery_removes_nothing() {
        UUID id = Ids.at(NOW);
        Claim newer = hold(queued(NODE, id, 3), 7);
        holdings.removeAll(List.of(queued(NODE, id, 2), queued(UUID.randomUUID(), id, 3)));
        assertThat(holdings.holds(id, 3)).isTrue();
        assertThat(holdings.holds(id, 2)).isFalse();
        holdings.remove(newer);
        assertThat(holdings.holds(id, 3)).isFalse();
    }

    @Test
    void a_claim_that_replaces_an_older_one_takes_over_its_memory() {
        UUID id = Ids.at(NOW);
        Claim older = hold(queued(NODE, id, 2), 7);
        Claim newer = hold(queued(UUID.randomUUID(), id, 3), 7);
        holdings.remove(older);
        holdings.remove(newer);
        assertThat(holdings.bytes()).isZero();
    }

    @Test
    void a_lane_takes_at_most_a_quarter_of_the_memory_that_is_free() {
        assertThat(holdings.mayTake(LANE, 500, 100))
                .as("the first one, whatever its size")
                .isTrue();
        holdings.reserveBytes(LANE, 20);
        assertThat(holdings.mayTake(LANE, 0, 100)).isTrue();
        assertThat(holdings.mayTake(LANE, 1, 100)).isFalse();
        UUID other = UUID.randomUUID();
        assertThat(holdings.mayTake(other, 90, 100)).isTrue();
        holdings.reserveBytes(other, 80);
        assertThat(holdings.mayTake(UUID.randomUUID(), 1, 100))
                .as("all is spent")
                .isFalse();
        holdings.releaseBytes(other, 80);
        holdings.releaseBytes(LANE, 20);
        assertThat(holdings.bytes()).isZero();
    }
}
