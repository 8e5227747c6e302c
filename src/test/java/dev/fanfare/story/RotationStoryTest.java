package dev.fanfare.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.testing.FakeSink.Answer;
import dev.fanfare.testing.FakeSink.Request;
import io.quarkus.test.junit.QuarkusTest;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A new signing secret: nobody misses a webhook during the overlap, and afterwards only the new one counts. */
@QuarkusTest
class RotationStoryTest extends Story {

    @Test
    void during_the_overlap_both_secrets_verify_every_delivery() {
        Subscribed subscription = subscribe(sink.url("/hook"));

        String next = rotate(subscription, "PT1H");

        IntStream.range(0, 5).forEach(n -> publish(n + ""));
        assertThat(sink.awaitRequests(5)).hasSize(5).allSatisfy(webhook -> {
            assertThat(verifies(webhook, subscription.secret())).isTrue();
            assertThat(verifies(webhook, next)).isTrue();
        });
    }

    @Test
    void after_the_overlap_only_the_new_secret_verifies() {
        Subscribed subscription = subscribe(sink.url("/hook"));

        String next = rotate(subscription, "PT1S");

        patiently().until(() -> {
            sink.forget();
            publish("1");
            return !verifies(sink.awaitRequests(1).get(0), subscription.secret());
        });
        assertThat(verifies(sink.awaitRequests(1).get(0), next)).isTrue();
    }

    @Test
    void without_an_overlap_the_old_secret_verifies_nothing_from_the_answer_on() {
        Subscribed subscription = subscribe(sink.url("/hook"));

        String next = rotate(subscription, "PT0S");
        publish("1");

        Request webhook = sink.awaitRequests(1).get(0);
        assertThat(verifies(webhook, subscription.secret())).isFalse();
        assertThat(verifies(webhook, next)).isTrue();
        assertThat(webhook.header("webhook-signature").split(" ")).hasSize(1);
    }

    @Test
    void a_leak_ends_earlier_overlaps_too() {
        Subscribed subscription = subscribe(sink.url("/hook"));
        String second = rotate(subscription, "PT1H");
        String third = rotate(subscription, "PT0S");

        publish("1");

        Request webhook = sink.awaitRequests(1).get(0);
        assertThat(verifies(webhook, subscription.secret())).isFalse();
        assertThat(verifies(webhook, second)).isFalse();
        assertThat(verifies(webhook, third)).isTrue();
    }

    @Test
    void a_retry_is_signed_with_the_secrets_in_force_at_its_attempt() {
        CompletableFuture<Void> rotated = new CompletableFuture<>();
        sink.on("/hook", Answer.status(500).after(rotated), Answer.status(200));
        Subscribed subscription = subscribe(sink.url("/hook"), retries("'PT0.1S'"));
        Published event = publish("1");
        Request first = sink.awaitRequests(1).get(0);

        String next = rotate(subscription, "PT0S");
        rotated.complete(null);
        awaitState(event, "delivered");

        assertThat(verifies(first, subscription.secret())).isTrue();
        assertThat(verifies(sink.requests().get(1), next)).isTrue();
        assertThat(verifies(sink.requests().get(1), subscription.secret())).isFalse();
    }

    private static String rotate(Subscribed subscription, String overlap) {
        return operator()
                .contentType("application/json")
                .body(json("{'overlap':'" + overlap + "'}"))
                .post("/v1/subscriptions/" + subscription.id() + "/secret/rotate")
                .then()
                .statusCode(200)
                .extract()
                .path("secret");
    }
}
