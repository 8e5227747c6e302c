package dev.fanfare.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.subscription.LiveSubscription.State;
import dev.fanfare.testing.FakeSink.Answer;
import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class UnusableSubscriptionTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private Bench bench;

    @BeforeEach
    void open() {
        bench = new Bench(postgres);
        bench.sink.on("/ok", Answer.status(200));
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private void storeKeyId(UUID subscription, String keyId) {
        bench.rows.run("update subscription_secret set key_id = ? where subscription_id = ?", keyId, subscription);
        bench.setState(subscription, "active");
    }

    @Test
    void what_cannot_be_signed_is_held_and_goes_out_when_it_can() {
        LiveSubscription whole = bench.subscribe("/ok", "{}");
        String keyId = (String)
                bench.rows.all("select key_id from subscription_secret").get(0).get("key_id");
        bench.rows.waiting(whole.id(), Rows.NOW);

        storeKeyId(whole.id(), "lost");

        LiveSubscription unusable = bench.live(whole.id());
        assertThat(unusable.state()).isEqualTo(State.UNUSABLE);
        assertThat(bench.accept(unusable)).as("handed over").isFalse();
        assertThat(bench.step(Rows.NOW.plusSeconds(1))).isZero();
        assertThat(bench.step(Rows.NOW.plusSeconds(120))).as("by the full look").isZero();
        assertThat(bench.rows.count("queue")).isEqualTo(2);
        assertThat(bench.sink.requests()).isEmpty();

        storeKeyId(whole.id(), keyId);

        assertThat(bench.step(Rows.NOW.plusSeconds(121))).isEqualTo(2);
        assertThat(bench.rows.all("select state from delivery"))
                .allSatisfy(row -> assertThat(row).containsEntry("state", "delivered"));
    }
}
