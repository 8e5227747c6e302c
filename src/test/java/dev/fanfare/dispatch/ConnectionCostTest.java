package dev.fanfare.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.testing.TestPostgres;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How many connections a sink sees. */
class ConnectionCostTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private static final int DELIVERIES = 1_000;
    private static final int MAX_IN_FLIGHT = 16;
    /** Within what the lane holds, so that none goes through the queue. */
    private static final int BURST = 100;
    /** As many as may be in flight, and one now: the next request starts before the connection of the last is free. */
    private static final int MOST_CONNECTIONS = MAX_IN_FLIGHT + 4;

    @RegisterExtension
    final Bench bench = new Bench(postgres);

    @Test
    void a_thousand_deliveries_share_as_many_connections_as_may_be_in_flight() {
        LiveSubscription subscription = bench.subscribe("/ok", "{\"maxinflight\":" + MAX_IN_FLIGHT + "}");
        for (int sent = 0; sent < DELIVERIES; sent += BURST) {
            for (int i = 0; i < BURST; i++) {
                assertThat(bench.accept(subscription)).isTrue();
            }
            bench.settle(BURST);
        }
        assertThat(bench.sink.requests()).hasSize(DELIVERIES);
        assertThat(bench.sink.connections()).isLessThanOrEqualTo(MOST_CONNECTIONS);
    }
}
