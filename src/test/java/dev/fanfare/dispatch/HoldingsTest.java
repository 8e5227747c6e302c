package dev.fanfare.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.cloudevents.WireEvent.DataKind;
import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.Claimed;
import dev.fanfare.platform.Ids;
import dev.fanfare.testing.SettableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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

    private Claim hold(Claim claim) {
        return hold(claim, event(1));
    }

    private Claim hold(Claim claim, WireEvent event) {
        holdings.reserve(LANE, event);
        holdings.add(claim, event);
        return claim;
    }

    private static WireEvent event(int bytes) {
        return WireEvent.stored("1", "/s", "t", null, null, null, null, null, DataKind.BINARY, new byte[bytes]);
    }

    private static long costs(WireEvent event) {
        return Claimed.HEAP_BYTES + event.heapBytes();
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
        Claim old = hold(fresh(NOW.minusSeconds(300)));
        hold(queued(NODE, Ids.at(NOW.minusSeconds(900)), 2));
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
    void memory_counts_from_the_reservation_to_the_end() {
        WireEvent event = event(100);
        Claim claim = hold(fresh(NOW), event);
        assertThat(holdings.bytes()).isEqualTo(costs(event));
        WireEvent other = event(5);
        holdings.reserve(LANE, other);
        assertThat(holdings.bytes()).isEqualTo(costs(event) + costs(other));
        holdings.release(LANE, other);
        holdings.remove(claim);
        holdings.remove(claim);
        assertThat(holdings.bytes()).isZero();
        assertThat(holdings.count()).isZero();
    }

    @Test
    void an_event_counts_until_the_last_of_its_deliveries_is_gone() {
        WireEvent event = event(1_000);
        List<Claim> claims = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            claims.add(hold(fresh(NOW), event));
        }
        assertThat(holdings.bytes()).isEqualTo(event.heapBytes() + 10 * Claimed.HEAP_BYTES);
        Claim last = claims.remove(4);
        holdings.removeAll(claims);
        assertThat(holdings.bytes()).isEqualTo(costs(event));
        holdings.remove(last);
        assertThat(holdings.bytes()).isZero();
    }

    @Test
    void an_older_claim_of_the_same_delivery_removes_nothing() {
        UUID id = Ids.at(NOW);
        Claim newer = hold(queued(NODE, id, 3));
        holdings.removeAll(List.of(queued(NODE, id, 2), queued(UUID.randomUUID(), id, 3)));
        assertThat(holdings.holds(id, 3)).isTrue();
        assertThat(holdings.holds(id, 2)).isFalse();
        holdings.remove(newer);
        assertThat(holdings.holds(id, 3)).isFalse();
    }

    @Test
    void a_claim_that_replaces_an_older_one_takes_over_its_memory() {
        UUID id = Ids.at(NOW);
        Claim older = hold(queued(NODE, id, 2));
        Claim newer = hold(queued(UUID.randomUUID(), id, 3));
        holdings.remove(older);
        holdings.remove(newer);
        assertThat(holdings.bytes()).isZero();
    }

    @Test
    void a_lane_takes_at_most_a_quarter_of_the_memory_that_is_free() {
        WireEvent event = event(1_000);
        long one = costs(event);
        assertThat(holdings.mayTake(LANE, event, 1))
                .as("the first one, whatever its size")
                .isTrue();
        holdings.reserve(LANE, event);
        assertThat(holdings.mayTake(LANE, 5 * one)).isTrue();
        assertThat(holdings.mayTake(LANE, event(1_000), 9 * one)).isTrue();
        assertThat(holdings.mayTake(LANE, event(1_000), 9 * one - 1)).isFalse();
        UUID other = UUID.randomUUID();
        WireEvent large = event(10_000);
        assertThat(holdings.mayTake(other, large, one + 1)).isTrue();
        holdings.reserve(other, large);
        assertThat(holdings.mayTake(UUID.randomUUID(), event(1), holdings.bytes()))
                .as("all is spent")
                .isFalse();
        holdings.release(other, large);
        holdings.release(LANE, event);
        assertThat(holdings.bytes()).isZero();
    }
}
