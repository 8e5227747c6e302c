package dev.fanfare.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;

import dev.fanfare.platform.TypeId;
import dev.fanfare.testing.FakeSink.Answer;
import dev.fanfare.testing.FakeSink.Request;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator brings back. */
@QuarkusTest
class ReplayStoryTest extends Story {

    @Test
    void what_died_is_listed_replayed_and_delivered() {
        sink.on("/hook", Answer.status(500), Answer.status(500), Answer.status(200));
        Subscribed subscription = subscribe(sink.url("/hook"), retries("'PT0.1S'"));
        Published event = publish("1");
        awaitState(event, "dead");
        String delivery = idOf(event);

        operator()
                .get("/v1/deliveries?state=dead&subscription=" + subscription.id())
                .then()
                .statusCode(200)
                .body("", hasSize(1))
                .body("[0].id", equalTo(delivery))
                .body("[0].reason", equalTo("exhausted"))
                .body("[0].attempts", equalTo(2));
        String replay = replay("'state':'dead','subscription':'" + subscription.id() + "'");

        JsonPath done = awaitReplay(replay, "done");
        assertThat(done.getInt("matched")).isEqualTo(1);
        assertThat(done.getInt("queued")).isEqualTo(1);
        assertThat(done.getInt("delivered")).isEqualTo(1);
        assertThat(done.getInt("open")).isZero();
        List<Request> requests = sink.requests();
        assertThat(requests).hasSize(3);
        assertThat(requests).extracting(r -> r.header("webhook-id")).containsOnly(delivery);
        assertThat(requests).extracting(r -> r.header("fanfare-attempt")).containsExactly("1", "2", "3");
        assertThat(requests).extracting(r -> r.header("fanfare-replay")).containsExactly(null, null, replay);
        operator()
                .get("/v1/deliveries/" + delivery)
                .then()
                .body("state", equalTo("delivered"))
                .body("replay", equalTo(replay));
    }

    @Test
    void a_selector_without_a_state_means_what_died() {
        List<Published> dead = died(2).events();
        sink.on("/hook", Answer.status(200));

        JsonPath done = awaitReplay(replay("'type':'" + type + "'"), "done");

        assertThat(done.getInt("delivered")).isEqualTo(2);
        assertThat(dead).allSatisfy(event -> assertThat(delivery(event)).containsEntry("state", "delivered"));
    }

    @Test
    void a_replay_while_the_receiver_still_fails_uses_a_fresh_schedule_and_ends_dead() {
        sink.on("/hook", Answer.status(500));
        subscribe(sink.url("/hook"), retries("'PT0.1S','PT0.1S'"));
        Published event = publish("1");
        awaitState(event, "dead");

        JsonPath done = awaitReplay(replay("'type':'" + type + "'"), "done");

        assertThat(done.getInt("failed")).isEqualTo(1);
        assertThat(done.getInt("delivered")).isZero();
        assertThat(delivery(event))
                .containsEntry("state", "dead")
                .containsEntry("reason", "exhausted")
                .containsEntry("attempts", 6);
    }

    @Test
    void a_replay_to_a_paused_subscription_is_held_and_not_lost() {
        Died died = died(1);
        Subscribed subscription = died.subscription();
        Published event = died.events().get(0);
        act(subscription, "pause");
        sink.on("/hook", Answer.status(200));

        String replay = replay("'type':'" + type + "'");
        awaitDelivery(event, delivery -> "pending".equals(delivery.get("state")));
        operator().get("/v1/deliveries/" + idOf(event)).then().body("state", equalTo("held"));
        operator()
                .get("/v1/replays/" + replay)
                .then()
                .body("state", equalTo("running"))
                .body("open", equalTo(1));

        act(subscription, "resume");
        assertThat(awaitReplay(replay, "done").getInt("delivered")).isEqualTo(1);
    }

    @Test
    void a_replay_cancelled_before_its_first_attempt_leaves_everything_as_it_was() {
        Subscribed subscription = died(3).subscription();
        act(subscription, "pause");
        sink.on("/hook", Answer.status(200));
        sink.forget();
        String replay = replay("'type':'" + type + "'");
        patiently().until(() -> job(replay).getInt("queued") == 3);

        operator().post("/v1/replays/" + replay + "/cancel").then().statusCode(200);

        JsonPath cancelled = awaitReplay(replay, "cancelled");
        patiently().until(() -> job(replay).getInt("left") == 3);
        assertThat(cancelled.getInt("delivered")).isZero();
        assertThat(rows("select state, reason from delivery where event_type = ?", type))
                .hasSize(3)
                .allSatisfy(delivery ->
                        assertThat(delivery).containsEntry("state", "dead").containsEntry("reason", "exhausted"));
        act(subscription, "resume");
        awaitState(publish("'after'"), "delivered");
        assertThat(sink.requests()).hasSize(1);
    }

    @Test
    void a_replay_cancelled_half_way_delivers_what_was_under_way_and_leaves_the_rest_as_it_was() {
        // more than a lane with one attempt at a time holds in memory
        died(40);
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        sink.on("/hook", Answer.status(200), Answer.status(200).after(cancelled));
        sink.forget();
        String replay = replay("'type':'" + type + "'");
        sink.awaitRequests(2);
        patiently().until(() -> job(replay).getInt("matched") == 40);

        operator().post("/v1/replays/" + replay + "/cancel").then().statusCode(200);
        cancelled.complete(null);

        JsonPath over =
                patiently().until(() -> job(replay), job -> job.getInt("open") == 0 && job.getInt("delivered") >= 2);
        int delivered = over.getInt("delivered");
        assertThat(over.getString("state")).isEqualTo("cancelled");
        assertThat(over.getInt("left")).isEqualTo(40 - delivered).isPositive();
        assertThat(over.getInt("queued")).isEqualTo(delivered);
        assertThat(count("delivery where event_type = ? and state = 'delivered'", type))
                .isEqualTo(delivered);
        assertThat(count("delivery where event_type = ? and state = 'dead' and reason = 'exhausted'", type))
                .isEqualTo(40 - delivered);
        assertThat(sink.requests()).hasSize(delivered);
    }

    @Test
    void a_dry_run_says_what_a_replay_would_do_and_changes_nothing() {
        died(12);
        int before = sink.requests().size();

        operator()
                .contentType("application/json")
                .body(json("{'dryrun':true,'type':'" + type + "'}"))
                .post("/v1/replays")
                .then()
                .statusCode(200)
                .body("matched", equalTo(12))
                .body("deliveries", hasSize(10))
                .body("deliveries[0]", matchesPattern("dlv_[0-9a-z]{26}"));

        assertThat(count("delivery where event_type = ? and state = 'dead' and replay_id is null", type))
                .isEqualTo(12);
        assertThat(sink.requests()).hasSize(before);
    }

    @Test
    void two_replays_of_one_delivery_at_once_deliver_it_once() {
        Died died = died(1);
        Subscribed subscription = died.subscription();
        Published event = died.events().get(0);
        act(subscription, "pause");
        sink.on("/hook", Answer.status(200));
        sink.forget();

        String selector = "'deliveries':['" + idOf(event) + "']";
        List<String> replays =
                Stream.of(selector, selector).parallel().map(this::replay).toList();
        patiently()
                .until(() -> replays.stream()
                                .mapToInt(id -> job(id).getInt("matched"))
                                .sum()
                        >= 1);
        act(subscription, "resume");

        awaitState(event, "delivered");
        replays.forEach(id -> awaitReplay(id, "done"));
        assertThat(sink.requests()).hasSize(1);
        assertThat(replays.stream().mapToInt(id -> job(id).getInt("delivered")).sum())
                .isEqualTo(1);
    }

    @Test
    void what_is_pending_becomes_due_now_with_its_attempts_kept() {
        sink.on("/hook", Answer.status(500), Answer.status(200));
        Subscribed subscription = subscribe(sink.url("/hook"), retries("'PT1H'"));
        Published event = publish("1");
        awaitRetry(event);

        String replay = replay("'state':'pending','subscription':'" + subscription.id() + "'");

        assertThat(awaitReplay(replay, "done").getInt("delivered")).isEqualTo(1);
        assertThat(delivery(event)).containsEntry("state", "delivered").containsEntry("attempts", 2);
    }

    @ParameterizedTest
    @CsvSource({"same,true", "new,false"})
    void what_was_delivered_is_delivered_again_as_a_delivery_of_its_own(String webhookId, boolean same) {
        Subscribed subscription = subscribe(sink.url("/hook"));
        Published event = publish("1");
        awaitState(event, "delivered");
        UUID original = (UUID) delivery(event).get("id");

        String replay = replay(
                "'state':'delivered','subscription':'" + subscription.id() + "','webhookid':'" + webhookId + "'");

        awaitReplay(replay, "done");
        List<Request> requests = sink.requests();
        assertThat(requests).hasSize(2);
        assertThat(requests.get(1).header("webhook-id").equals(requests.get(0).header("webhook-id")))
                .isEqualTo(same);
        assertThat(requests.get(1).header("fanfare-replay")).isEqualTo(replay);
        assertThat(requests.get(1).text()).isEqualTo(requests.get(0).text());
        assertThat(verifies(requests.get(1), subscription.secret())).isTrue();
        assertThat(row("select state from delivery where replay_of = ?", original))
                .containsEntry("state", "delivered");
        assertThat(row("select state, attempts from delivery where id = ?", original))
                .containsEntry("state", "delivered")
                .containsEntry("attempts", 1);
    }

    @Test
    void naming_a_delivered_delivery_delivers_it_again() {
        subscribe(sink.url("/hook"));
        Published event = publish("1");
        awaitState(event, "delivered");

        awaitReplay(replay("'deliveries':['" + idOf(event) + "']"), "done");

        assertThat(sink.requests()).hasSize(2);
    }

    @Test
    void a_selector_of_events_and_of_a_reason_takes_only_those() {
        List<Published> dead = died(3).events();
        sink.on("/hook", Answer.status(200));
        sink.forget();

        awaitReplay(replay("'events':['" + dead.get(1).event() + "'],'reason':'exhausted'"), "done");

        assertThat(sink.requests()).hasSize(1);
        assertThat(delivery(dead.get(1))).containsEntry("state", "delivered");
        assertThat(delivery(dead.get(0))).containsEntry("state", "dead");
        awaitReplay(replay("'type':'" + type + "','reason':'gone'"), "done");
        assertThat(sink.requests()).hasSize(1);
    }

    @Test
    void after_a_410_the_sink_is_mended_and_what_was_held_and_what_died_arrives() {
        sink.on("/hook", Answer.status(410));
        Subscribed subscription = subscribe(sink.url("/hook"), retries(""));
        Published died = publish("1");
        awaitState(died, "dead");
        patiently().until(() -> "disabled".equals(show(subscription).getString("status.state")));
        List<Published> held = List.of(publish("2"), publish("3"));

        replace(subscription, sink.url("/new"), retries("")).statusCode(200);
        act(subscription, "resume");
        JsonPath done = awaitReplay(replay("'subscription':'" + subscription.id() + "','reason':'gone'"), "done");

        assertThat(done.getInt("delivered")).isEqualTo(1);
        assertThat(delivery(died)).containsEntry("state", "delivered");
        held.forEach(event -> awaitState(event, "delivered"));
        assertThat(sink.requests("/new")).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'filter':1 | /filter",
                "'deliveries':[] | /deliveries",
                "'state':'held' | /state",
                "'subscription':'dlv_x' | /subscription",
                "'from':'today' | /from",
                "'webhookid':'other' | /webhookid"
            },
            quoteCharacter = '`')
    void a_selector_that_nobody_understands_never_means_everything(String member, String pointer) {
        operator()
                .contentType("application/json")
                .body(json("{" + member + "}"))
                .post("/v1/replays")
                .then()
                .statusCode(400)
                .body("errors.pointer", hasItem(pointer));
    }

    /** A subscription and events that died at their first attempt. */
    private record Died(Subscribed subscription, List<Published> events) {}

    private Died died(int count) {
        sink.on("/hook", Answer.status(500));
        Subscribed subscription =
                subscribe(sink.url("/hook"), "'protocolsettings':{'maxinflight':1,'retry':{'schedule':[]}}");
        List<Published> events =
                IntStream.range(0, count).mapToObj(n -> publish(n + "")).toList();
        events.forEach(event -> awaitState(event, "dead"));
        return new Died(subscription, events);
    }

    private String idOf(Published event) {
        return TypeId.format("dlv", (UUID) delivery(event).get("id"));
    }

    private static ValidatableResponse act(Subscribed subscription, String action) {
        return operator()
                .post("/v1/subscriptions/" + subscription.id() + "/" + action)
                .then()
                .statusCode(200);
    }

    private String replay(String members) {
        ValidatableResponse answer = operator()
                .contentType("application/json")
                .body(json("{" + members + "}"))
                .post("/v1/replays")
                .then()
                .statusCode(202);
        String id = answer.extract().path("id");
        answer.header("Location", equalTo("/v1/replays/" + id));
        return id;
    }

    private static JsonPath job(String replay) {
        return operator()
                .get("/v1/replays/" + replay)
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }

    private static JsonPath awaitReplay(String replay, String state) {
        return patiently().until(() -> job(replay), job -> state.equals(job.getString("state")));
    }
}
