package dev.fanfare.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.fanfare.testing.FakeSink;
import dev.fanfare.testing.FakeSink.Answer;
import dev.fanfare.testing.FakeSink.Request;
import dev.fanfare.testing.FanfareTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a receiver answers, and what becomes of the delivery. */
@QuarkusTest
class ReceiverAnswerStoryTest extends Story {

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 202, 204, 299})
    void any_2xx_is_delivered(int status) {
        sink.on("/hook", Answer.status(status));
        subscribe(sink.url("/hook"));

        Published event = publish("1");

        assertThat(awaitState(event, "delivered"))
                .containsEntry("attempts", 1)
                .containsEntry("last_status", status)
                .containsEntry("reason", null)
                .containsEntry("queued", false);
        assertThat(attempts(event)).hasSize(1);
        assertThat(sink.requests()).hasSize(1);
    }

    /** Statuses that are tried again by the schedule, with the reason that is kept. */
    static Stream<List<Object>> tried_again() {
        return Stream.of(
                List.of(301, "redirect"),
                List.of(302, "redirect"),
                List.of(307, "redirect"),
                List.of(308, "redirect"),
                List.of(400, "httpstatus"),
                List.of(401, "httpstatus"),
                List.of(404, "httpstatus"),
                List.of(413, "httpstatus"),
                List.of(422, "httpstatus"),
                List.of(500, "httpstatus"),
                List.of(503, "httpstatus"),
                List.of(999, "httpstatus"));
    }

    @ParameterizedTest
    @MethodSource("tried_again")
    void any_other_answer_is_tried_again_and_redirects_are_not_followed(List<Object> row) {
        int status = (int) row.get(0);
        sink.on("/hook", Answer.status(status, "Location", sink.url("/elsewhere")), Answer.status(200));
        subscribe(sink.url("/hook"), retries("'PT0.1S'"));

        Published event = publish("1");

        awaitState(event, "delivered");
        assertThat(attempts(event))
                .extracting(a -> a.get("number"), a -> a.get("status"), a -> a.get("reason"))
                .containsExactly(tuple(1, (Object) status, row.get(1)), tuple(2, (Object) 200, null));
        assertThat(sink.requests("/elsewhere")).isEmpty();
    }

    @Test
    void a_410_is_dead_disables_the_subscription_and_holds_the_rest_until_it_is_resumed() {
        sink.on("/hook", Answer.status(410));
        Subscribed subscription = subscribe(sink.url("/hook"), retries("'PT0.1S'"));

        Published gone = publish("1");
        assertThat(awaitState(gone, "dead")).containsEntry("reason", "gone").containsEntry("attempts", 1);
        patiently().until(() -> "disabled".equals(show(subscription).getString("status.state")));
        assertThat(show(subscription).getString("status.reason")).isEqualTo("gone");

        Published held = publish("2");
        assertThat(held.deliveries()).isEqualTo(1);
        assertThat(delivery(held)).containsEntry("state", "pending").containsEntry("attempts", 0);

        sink.on("/hook", Answer.status(200));
        operator()
                .post("/v1/subscriptions/" + subscription.id() + "/resume")
                .then()
                .statusCode(200);
        awaitState(held, "delivered");
        assertThat(delivery(gone)).containsEntry("state", "dead");
        assertThat(sink.requests()).hasSize(2);
    }

    @Test
    void a_410_of_the_old_sink_does_not_disable_a_subscription_that_was_mended() {
        CompletableFuture<Void> mended = new CompletableFuture<>();
        sink.on("/old", Answer.status(410).after(mended));
        Subscribed subscription = subscribe(sink.url("/old"), retries("'PT0.1S'"));
        Published event = publish("1");
        sink.awaitRequests(1);

        replace(subscription, sink.url("/new"), retries("'PT0.1S'")).statusCode(200);
        mended.complete(null);

        awaitState(event, "delivered");
        assertThat(show(subscription).getString("status.state")).isEqualTo("active");
        assertThat(attempts(event)).extracting(a -> a.get("status")).containsExactly(410, 200);
        assertThat(sink.requests("/new")).hasSize(1);
    }

    @Test
    void a_disabled_subscription_whose_sink_is_mended_gets_all_that_was_held_when_it_is_resumed() {
        sink.on("/old", Answer.status(410));
        Subscribed subscription = subscribe(sink.url("/old"), retries("'PT0.1S'"));
        awaitState(publish("0"), "dead");
        patiently().until(() -> "disabled".equals(show(subscription).getString("status.state")));
        List<Published> held = List.of(publish("1"), publish("2"), publish("3"));

        replace(subscription, sink.url("/new"), "'active':true").statusCode(200);
        assertThat(show(subscription).getString("status.state"))
                .as("only /resume clears disabled")
                .isEqualTo("disabled");
        operator()
                .post("/v1/subscriptions/" + subscription.id() + "/resume")
                .then()
                .statusCode(200);

        held.forEach(event -> awaitState(event, "delivered"));
        assertThat(sink.requests("/new")).hasSize(3);
    }

    @Test
    void retry_after_in_seconds_closes_the_lane_and_uses_no_step_of_the_schedule() {
        sink.on("/hook", Answer.status(429, "Retry-After", "2"), Answer.status(200));
        Subscribed subscription = subscribe(sink.url("/hook"), retries("'PT1H'"));

        Published first = publish("1");
        Map<String, Object> waiting = awaitRetry(first);
        assertThat(waiting)
                .containsEntry("step", 0)
                .containsEntry("attempts", 1)
                .containsEntry("waits_after", 429);
        Published other = publish("2");
        assertThat(delivery(other)).containsEntry("state", "pending").containsEntry("attempts", 0);

        awaitState(first, "delivered");
        awaitState(other, "delivered");
        List<Request> requests = sink.requests();
        assertThat(requests).hasSize(3);
        assertThat(Duration.between(requests.get(0).at(), requests.get(1).at()))
                .isGreaterThan(Duration.ofMillis(1_900));
        assertThat(show(subscription).getString("status.state")).isEqualTo("active");
    }

    @Test
    void retry_after_as_a_date_closes_the_lane_and_a_new_sink_opens_it() {
        Instant until = Instant.now().plus(2, ChronoUnit.HOURS).truncatedTo(ChronoUnit.SECONDS);
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(until.atZone(ZoneOffset.UTC));
        sink.on("/old", Answer.status(503, "Retry-After", date));
        Subscribed subscription = subscribe(sink.url("/old"), retries("'PT0.1S'"));

        Published first = publish("1");
        Map<String, Object> waiting = awaitRetry(first);
        assertThat(((Timestamp) waiting.get("due_at")).toInstant())
                .isBetween(until.minusSeconds(5), until.plusSeconds(5));
        Published other = publish("2");
        assertThat(delivery(other)).containsEntry("state", "pending");
        assertThat(sink.requests()).hasSize(1);

        replace(subscription, sink.url("/new"), retries("'PT0.1S'")).statusCode(200);

        awaitState(other, "delivered");
    }

    @Test
    void retry_after_is_capped_at_a_day() {
        sink.on("/hook", Answer.status(503, "Retry-After", "99999999"));
        subscribe(sink.url("/hook"), retries("'PT0.1S'"));
        Instant before = Instant.now();

        Map<String, Object> waiting = awaitRetry(publish("1"));

        assertThat(((Timestamp) waiting.get("due_at")).toInstant())
                .isBetween(before.plus(Duration.ofHours(23)), before.plus(Duration.ofHours(25)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "soon", "-5", "0.5"})
    void a_retry_after_below_a_second_or_unreadable_is_ignored(String value) {
        sink.on("/hook", Answer.status(503, "Retry-After", value), Answer.status(200));
        subscribe(sink.url("/hook"), retries("'PT0.1S'"));

        Published event = publish("1");

        assertThat(awaitState(event, "delivered")).containsEntry("attempts", 2);
    }

    @Test
    void retry_after_on_a_2xx_means_nothing() {
        sink.on("/hook", Answer.status(200, "Retry-After", "3600"));
        subscribe(sink.url("/hook"));

        awaitState(publish("1"), "delivered");
        awaitState(publish("2"), "delivered");
    }

    @Test
    void retry_after_again_and_again_is_no_reason_to_give_up_early() {
        sink.on(
                "/hook",
                Answer.status(429, "Retry-After", "1"),
                Answer.status(429, "Retry-After", "1"),
                Answer.status(429, "Retry-After", "1"),
                Answer.status(200));
        subscribe(sink.url("/hook"), retries("'PT1H'"));

        Published event = publish("1");

        assertThat(awaitState(event, "delivered")).containsEntry("attempts", 4);
    }

    @Test
    void a_status_of_retry_final_is_dead_at_once() {
        sink.on("/hook", Answer.status(400));
        subscribe(sink.url("/hook"), "'protocolsettings':{'retry':{'schedule':['PT0.1S'],'final':[400,413]}}");

        Published event = publish("1");

        assertThat(awaitState(event, "dead"))
                .containsEntry("reason", "final")
                .containsEntry("dead", true)
                .containsEntry("last_status", 400)
                .containsEntry("attempts", 1);
        assertThat(sink.requests()).hasSize(1);
    }

    @Test
    void an_empty_schedule_means_one_attempt() {
        sink.on("/hook", Answer.status(500));
        subscribe(sink.url("/hook"), retries(""));

        Published event = publish("1");

        assertThat(awaitState(event, "dead"))
                .containsEntry("reason", "exhausted")
                .containsEntry("attempts", 1);
        assertThat(sink.requests()).hasSize(1);
    }

    @Test
    void a_delivery_that_exhausts_its_retries_is_dead() {
        sink.on("/hook", Answer.status(500));
        subscribe(sink.url("/hook"), retries("'PT0.1S','PT0S','PT0.1S'"));

        Published event = publish("1");

        assertThat(awaitState(event, "dead"))
                .containsEntry("reason", "exhausted")
                .containsEntry("attempts", 4)
                .containsEntry("queued", false);
        assertThat(attempts(event)).extracting(a -> a.get("number")).containsExactly(1, 2, 3, 4);
        assertThat(sink.requests()).extracting(r -> r.header("fanfare-attempt")).containsExactly("1", "2", "3", "4");
    }

    // ---- no answer, or none that is HTTP

    @Test
    void a_receiver_that_never_answers_is_timeout() {
        sink.on("/hook", Answer.hang(), Answer.status(200));
        triedAgainAfter("timeout", sink.url("/hook"));
    }

    @Test
    void a_head_that_drips_is_timeout() {
        sink.on("/hook", Answer.drip(sink.vertx(), "HTTP/1.1 200 OK\r\nX-Slow: ", 50), Answer.status(200));
        triedAgainAfter("timeout", sink.url("/hook"));
    }

    @Test
    void a_connection_that_is_reset_is_connectionreset() {
        sink.on("/hook", Answer.reset(), Answer.status(200));
        triedAgainAfter("connectionreset", sink.url("/hook"));
    }

    @Test
    void an_answer_that_is_not_http_is_nothttp() {
        sink.on("/hook", Answer.raw("SSH-2.0-OpenSSH_9.6\r\n\r\n").then(Answer.close()), Answer.status(200));
        triedAgainAfter("nothttp", sink.url("/hook"));
    }

    @Test
    void a_receiver_that_does_not_listen_is_connectrefused() {
        String url = sink.url("/hook");
        sink.stop();
        subscribe(url, retries("'PT0.1S','PT0.1S','PT0.1S','PT1S','PT1S','PT1S','PT5S'"));

        Published event = publish("1");

        assertThat(awaitAttempts(event, 1).get(0))
                .containsEntry("reason", "connectrefused")
                .containsEntry("status", null);
        sink.restart();
        awaitState(event, "delivered");
    }

    @Test
    void a_name_that_does_not_resolve_is_dnsfailure() {
        deadAfter("dnsfailure", "http://nobody.example:" + sink.port() + "/hook");
    }

    @Test
    void a_name_that_resolves_to_an_address_that_is_not_public_is_sinkrefused_without_a_connection() {
        Published event =
                deadAfter("sinkrefused", "http://" + FanfareTestResource.PRIVATE_NAME + ":" + sink.port() + "/hook");
        assertThat(attempts(event).get(0)).containsEntry("address", "10.0.0.1");
        assertThat(sink.connections()).isZero();
    }

    @Test
    void a_literal_address_that_is_not_public_is_400_when_it_is_subscribed() {
        trySubscribe("http://10.0.0.1/hook").then().statusCode(400);
    }

    @Test
    void a_certificate_that_nobody_trusts_is_tlsfailure() {
        try (FakeSink tls = FakeSink.startTls()) {
            deadAfter("tlsfailure", tls.url("/hook"));
            assertThat(tls.requests()).isEmpty();
        }
    }

    @Test
    void a_name_that_resolves_to_an_allowed_address_is_delivered() {
        subscribe("http://" + FanfareTestResource.LOOPBACK_NAME + ":" + sink.port() + "/hook");
        awaitState(publish("1"), "delivered");
        assertThat(sink.requests().get(0).header("host"))
                .isEqualTo(FanfareTestResource.LOOPBACK_NAME + ":" + sink.port());
    }

    private void triedAgainAfter(String reason, String url) {
        subscribe(url, "'protocolsettings':{'timeout':'PT1S','retry':{'schedule':['PT0.1S'],'jitter':0}}");

        Published event = publish("1");

        assertThat(awaitState(event, "delivered")).containsEntry("attempts", 2);
        assertThat(attempts(event).get(0)).containsEntry("reason", reason).containsEntry("status", null);
        assertThat(attempts(event).get(1)).containsEntry("status", 200);
    }

    private Published deadAfter(String reason, String url) {
        subscribe(url, retries("'PT0.1S'"));

        Published event = publish("1");

        assertThat(awaitState(event, "dead"))
                .containsEntry("reason", "exhausted")
                .containsEntry("attempts", 2)
                .containsEntry("last_status", null);
        assertThat(attempts(event)).extracting(a -> a.get("reason")).containsExactly(reason, reason);
        return event;
    }
}
