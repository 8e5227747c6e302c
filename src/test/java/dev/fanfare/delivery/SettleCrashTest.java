package dev.fanfare.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.platform.DatabaseException;
import dev.fanfare.platform.Tx;
import dev.fanfare.testing.Breakable;
import dev.fanfare.testing.Breakable.Side;
import dev.fanfare.testing.Invariants;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A settle that breaks at any of its statements happens whole, once, or not at all. */
class SettleCrashTest extends StoreFixture {
    private static final List<String> SETTLED =
            List.of("delivered 1", "dead 1", "pending 1", "delivered 1", "dead 1", "pending 1");
    private static final List<String> TAKEN_OVER =
            List.of("pending 0", "pending 0", "pending 0", "pending 0", "pending 0", "pending 0");

    private final Breakable database = new Breakable(postgres.dataSource());
    private final SettleStore breaking = new SettleStore(new Tx(database.dataSource()), gates);

    private class Settling implements Breakable.Drill {
        private final boolean dies;
        private UUID by = node;
        private UUID subscription = lane;
        private UUID replay = node;
        private List<Settlement> batch = List.of();

        Settling(boolean dies) {
            this.dies = dies;
        }

        /** Every kind of verdict for what came fresh and for what came from the queue, two of those for a replay. */
        @Override
        public void prepare() {
            by = rows.node();
            subscription = rows.subscription();
            replay = rows.replay(2);
            batch = new ArrayList<>();
            for (int status : new int[] {200, 410, 500}) {
                batch.add(settlement(rows.fresh(by, subscription), status));
            }
            for (int status : new int[] {200, 400, 503}) {
                UUID id = rows.waiting(subscription, NOW);
                if (status != 503) {
                    rows.run("update queue set replay_id = ? where id = ?", replay, id);
                }
                Claim claim = claim(by, subscription, NOW).get(0);
                batch.add(settlement(claim, status, status == 503 ? Duration.ofMinutes(5) : null));
            }
        }

        @Override
        public void run() {
            assertThat(breaking.settle(by, batch, LATER)).as("late").isEmpty();
        }

        @Override
        public void recover(DatabaseException broken) {
            boolean settled = !attempts().isEmpty();
            if (dies) {
                rows.gone(by);
                giveBacks.takeOverQueued(LATER);
                giveBacks.goneNodes().forEach(gone -> giveBacks.takeOverFresh(gone, LATER));
                rows.run("delete from node where id = ?", by);
            } else if (broken != null) {
                // it waits in memory until it is written
                settles.settle(by, batch, LATER);
                settled = true;
            }
            assertThat(states()).isEqualTo(settled ? SETTLED : TAKEN_OVER);
            assertThat(attempts()).as("attempts").hasSize(settled ? 6 : 0).allMatch(Boolean.FALSE::equals);
            assertThat(rows.all("select delivered, failed, open from replay where id = ?", replay))
                    .containsExactly(
                            settled
                                    ? Map.of("delivered", 1L, "failed", 1L, "open", 0L)
                                    : Map.of("delivered", 0L, "failed", 0L, "open", 2L));
            assertThat(rows.all("select closed_until from gate where subscription_id = ?", subscription))
                    .hasSize(settled ? 1 : 0);
            Invariants.holdAtRest(tx);
        }

        private List<String> states() {
            return batch.stream()
                    .map(s -> {
                        UUID id = s.claim().id();
                        Map<String, Object> row = rows.delivery(id);
                        return row.get("state") + " " + rows.queued(id).getOrDefault("attempts", row.get("attempts"));
                    })
                    .toList();
        }

        private List<Object> attempts() {
            return batch.stream()
                    .flatMap(s -> rows.attempts(s.claim().id()).stream())
                    .map(attempt -> attempt.get("late"))
                    .toList();
        }
    }

    /** Right before a statement the tables are as right after the one before it: so both ways to recover are tried there. */
    @ParameterizedTest
    @EnumSource
    void a_broken_settle_happens_once_or_not_at_all(Side side) {
        boolean dies = side == Side.AFTER;
        assertThat(database.breakEverywhere(side, new Settling(dies))).isGreaterThan(10);
    }
}
