package dev.fanfare.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.Outcome;
import dev.fanfare.delivery.Settlement;
import dev.fanfare.platform.Ids;
import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SettlerTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    @RegisterExtension
    final Bench bench = new Bench(postgres);

    private void delivered(Claim claim, LiveSubscription subscription) {
        Outcome outcome = new Outcome(Rows.NOW, 40, "192.0.2.1", 200, null, null, new byte[0], new byte[0], false);
        assertThat(bench.settler.permits().take(0, 10)).isTrue();
        bench.settler.add(Settlement.of(claim, outcome, subscription, true, 0.5));
    }

    @Test
    void an_outcome_that_comes_after_its_day_was_forgotten_holds_up_no_other() {
        LiveSubscription subscription = bench.subscribe("/ok", "{}");
        UUID node = bench.nodes.id();
        Claim kept = bench.rows.fresh(node, subscription.id());
        Claim forgotten = Claim.fresh(node, Ids.at(Instant.parse("2019-01-01T00:00:00Z")), subscription.id());
        delivered(forgotten, subscription);
        delivered(kept, subscription);

        bench.settle(2);

        assertThat(bench.rows.delivery(kept.id())).containsEntry("state", "delivered");
        assertThat(bench.rows.attempts(kept.id())).hasSize(1);
        assertThat(bench.settler.waiting()).isZero();
        assertThat(bench.settler.permits().taken()).isZero();
    }
}
