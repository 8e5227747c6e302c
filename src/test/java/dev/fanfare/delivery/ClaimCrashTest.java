package dev.fanfare.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.delivery.ClaimStore.Due;
import dev.fanfare.delivery.ClaimStore.Want;
import dev.fanfare.platform.DatabaseException;
import dev.fanfare.platform.Tx;
import dev.fanfare.testing.Breakable;
import dev.fanfare.testing.Breakable.Side;
import dev.fanfare.testing.Invariants;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A claim that breaks at any of its statements: what it took comes back, and everything is delivered once. */
class ClaimCrashTest extends StoreFixture {
    private final Breakable database = new Breakable(postgres.dataSource());
    private final ClaimStore breaking = new ClaimStore(new Tx(database.dataSource()));

    private class Claiming implements Breakable.Drill {
        private final boolean dies;
        private UUID by = node;
        private List<UUID> ids = List.of();
        private List<Due> claimed = List.of();

        Claiming(boolean dies) {
            this.dies = dies;
        }

        @Override
        public void prepare() {
            by = rows.node();
            ids = Stream.of(3, 2, 1)
                    .map(ago -> rows.waiting(lane, NOW.minusSeconds(ago)))
                    .toList();
            claimed = List.of();
        }

        @Override
        public void run() {
            claimed = breaking.claim(by, List.of(new Want(lane, 10, Instant.EPOCH)), NOW);
            breaking.load(claimed.stream().map(Due::claim).toList());
        }

        @Override
        public void recover(DatabaseException broken) {
            List<Claim> held = List.of();
            if (dies) {
                rows.gone(by);
                giveBacks.takeOverQueued(NOW);
            } else if (broken == null) {
                held = claimed.stream().map(Due::claim).toList();
            } else {
                // the loader knows what it could not read; the comparison finds what nobody knows of
                giveBacks.giveBackInOrder(by, claimed);
                giveBacks.giveBack(by, unknown(), NOW);
            }
            List<Claim> again = claim(node, lane, LATER);
            assertThat(Stream.of(held, again).flatMap(List::stream).map(Claim::id))
                    .containsExactlyInAnyOrderElementsOf(ids);
            deliver(by, held);
            deliver(node, again);
            ids.forEach(id -> assertThat(rows.delivery(id)).containsEntry("state", "delivered"));
            Invariants.holdAtRest(tx);
        }

        private List<Claim> unknown() {
            return giveBacks.queuedClaims(by).stream()
                    .map(key -> new Claim(by, key.id(), lane, key.number(), false, 0, 0, 0, null, null))
                    .toList();
        }

        private void deliver(UUID holder, List<Claim> claims) {
            List<Settlement> batch =
                    claims.stream().map(claim -> settlement(claim, 200)).toList();
            assertThat(settles.settle(holder, batch, LATER)).as("late").isEmpty();
        }
    }

    /** Right before a statement the tables are as right after the one before it: so both ways to recover are tried there. */
    @ParameterizedTest
    @EnumSource
    void what_a_broken_claim_took_is_delivered_once(Side side) {
        boolean dies = side == Side.AFTER;
        assertThat(database.breakEverywhere(side, new Claiming(dies))).isGreaterThan(5);
    }
}
