package dev.fanfare.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;

import dev.fanfare.platform.TypeId;
import dev.fanfare.testing.FakeSink.Answer;
import dev.fanfare.testing.FakeSink.Request;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holding a subscription, letting it flow, sending a test event down it. */
@QuarkusTest
class FlowStoryTest extends Story {

    @Test
    void what_comes_while_a_subscription_is_paused_is_held_and_flows_when_it_is_resumed() {
        Subscribed subscription = subscribe(sink.url("/hook"));

        act(subscription, "pause").statusCode(200).body("status.state", equalTo("paused"));
        List<Published> held =
                IntStream.range(0, 5).mapToObj(n -> publish(n + "")).toList();

        assertThat(held).allMatch(event -> event.deliveries() == 1);
        assertThat(held).allSatisfy(event -> assertThat(delivery(event))
                .containsEntry("state", "pending")
                .containsEntry("queued", true)
                .containsEntry("attempts", 0));
        assertThat(sink.requests()).isEmpty();

        act(subscription, "resume").statusCode(200).body("status.state", equalTo("active"));
        held.forEach(event -> awaitState(event, "delivered"));
        assertThat(sink.requests()).hasSize(5);
    }

    @Test
    void what_is_held_is_shown_as_held() {
        Subscribed subscription = subscribe(sink.url("/hook"), "'active':false");
        Published event = publish("1");
        String id = TypeId.format("dlv", (UUID) delivery(event).get("id"));

        operator().get("/v1/deliveries/" + id).then().statusCode(200).body("state", equalTo("held"));
        operator()
                .get("/v1/deliveries?state=held&subscription=" + subscription.id())
                .then()
                .statusCode(200)
                .body("id", equalTo(List.of(id)));

        act(subscription, "resume");
        awaitState(event, "delivered");
        operator().get("/v1/deliveries/" + id).then().body("state", equalTo("delivered"));
    }

    @Test
    void a_retry_that_is_due_while_its_subscription_is_paused_waits_too() {
        sink.on("/hook", Answer.status(500), Answer.status(200));
        Subscribed subscription = subscribe(sink.url("/hook"), retries("'PT0.1S'"));
        act(subscription, "pause");
        Published event = publish("1");
        act(subscription, "resume");
        awaitState(event, "delivered");
        assertThat(attempts(event)).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pause", "resume"})
    void pausing_and_resuming_can_be_said_twice(String action) {
        Subscribed subscription = subscribe(sink.url("/hook"));
        String state = act(subscription, action).statusCode(200).extract().path("status.state");
        String etag = act(subscription, action)
                .statusCode(200)
                .body("status.state", equalTo(state))
                .extract()
                .header("ETag");
        act(subscription, action).header("ETag", equalTo(etag));
    }

    @Test
    void put_with_active_false_pauses_and_with_true_resumes() {
        Subscribed subscription = subscribe(sink.url("/hook"), "'active':false");
        Published held = publish("1");
        assertThat(show(subscription).getString("status.state")).isEqualTo("paused");

        replace(subscription, sink.url("/hook")).statusCode(200).body("status.state", equalTo("paused"));
        replace(subscription, sink.url("/hook"), "'active':true").body("status.state", equalTo("active"));

        awaitState(held, "delivered");
    }

    @Test
    void a_test_event_makes_exactly_one_delivery_whatever_the_filters() {
        Subscribed other = subscribe(sink.url("/other"));
        Subscribed subscription = subscribed(operator()
                .contentType("application/json")
                .body(json("{'sink':'" + sink.url("/hook") + "','types':['" + type
                        + "'],'filters':[{'exact':{'id':'never'}}]}"))
                .post("/v1/subscriptions"));

        JsonPath answer = act(subscription, "test")
                .statusCode(202)
                .body("delivery", matchesPattern("dlv_[0-9a-z]{26}"))
                .extract()
                .jsonPath();

        Request webhook = sink.awaitRequests(1).get(0);
        assertThat(webhook.path()).isEqualTo("/hook");
        assertThat(webhook.header("webhook-id")).isEqualTo(answer.getString("delivery"));
        assertThat(webhook.text())
                .contains(json("'type':'dev.fanfare.ping.v1'"))
                .contains(subscription.id());
        assertThat(verifies(webhook, subscription.secret())).isTrue();
        assertThat(count("delivery where event_id = ?", TypeId.parse("evt", answer.getString("event"))))
                .isEqualTo(1);
        assertThat(sink.requests("/other")).isEmpty();
        assertThat(other.id()).isNotEqualTo(subscription.id());
    }

    @Test
    void two_test_events_are_two_deliveries() {
        Subscribed subscription = subscribe(sink.url("/hook"));
        act(subscription, "test").statusCode(202);
        act(subscription, "test").statusCode(202);
        assertThat(sink.awaitRequests(2))
                .extracting(r -> r.header("webhook-id"))
                .doesNotHaveDuplicates();
    }

    @Test
    void a_test_event_of_a_paused_subscription_is_held() {
        Subscribed subscription = subscribe(sink.url("/hook"), "'active':false");

        JsonPath answer = act(subscription, "test").statusCode(202).extract().jsonPath();

        UUID delivery = TypeId.parse("dlv", answer.getString("delivery"));
        assertThat(row("select state from delivery where id = ?", delivery)).containsEntry("state", "pending");
        act(subscription, "resume").statusCode(200);
        assertThat(sink.awaitRequests(1).get(0).header("webhook-id")).isEqualTo(answer.getString("delivery"));
    }

    @Test
    void a_deleted_subscription_gets_nothing_and_what_waits_is_cancelled() {
        Subscribed subscription = subscribe(sink.url("/hook"), "'active':false");
        Published event = publish("1");

        operator().delete("/v1/subscriptions/" + subscription.id()).then().statusCode(200);

        assertThat(awaitState(event, "cancelled")).containsEntry("reason", "subscriptiondeleted");
        assertThat(publish("2").deliveries()).isZero();
        assertThat(sink.requests()).isEmpty();
        for (String action : List.of("pause", "resume", "test")) {
            act(subscription, action).statusCode(404);
        }
    }

    private static ValidatableResponse act(Subscribed subscription, String action) {
        return operator()
                .post("/v1/subscriptions/" + subscription.id() + "/" + action)
                .then();
    }
}
