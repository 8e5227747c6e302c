package dev.fanfare.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.delivery.SubscriptionStats.Stats;
import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SubscriptionStatsTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private final Rows rows = new Rows(postgres.tx());
    private final UUID lane = rows.subscription();

    private void waiting(int count) {
        rows.run("""
                insert into queue (id, subscription_id, due_at, queued_at, claim_no, attempts, step)
                select gen_random_uuid(), ?, now(), now(), 1, 0, 0 from generate_series(1, ?)""", lane, count);
    }

    private Stats stats() {
        return new SubscriptionStats(postgres.tx())
                .read(TestPostgres.TENANT, lane)
                .orElseThrow();
    }

    @Test
    void ten_thousand_are_counted_and_of_more_it_is_said_that_there_are_more() {
        waiting(10_000);
        assertThat(stats().pending()).isEqualTo(10_000);
        assertThat(stats().capped()).isFalse();

        waiting(1);
        assertThat(stats().pending()).isEqualTo(10_000);
        assertThat(stats().capped()).isTrue();
    }
}
