package dev.fanfare.attempt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.standardwebhooks.Webhook;
import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.cloudevents.WireEvent.DataKind;
import dev.fanfare.delivery.Outcome;
import dev.fanfare.signing.WebhookSecret;
import dev.fanfare.subscription.Credential;
import dev.fanfare.subscription.LiveSubscription.TimedSecret;
import dev.fanfare.subscription.Settings;
import dev.fanfare.subscription.Settings.ContentMode;
import dev.fanfare.testing.FakeSink.Request;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class AttempterTest extends AttempterFixture {

    @Test
    void a_receiver_gets_the_structured_event_with_all_headers() {
        Outcome outcome = send(sink.url("/hook?x=1"));

        assertThat(outcome.failure()).isNull();
        assertThat(outcome.status()).isEqualTo(200);
        assertThat(outcome.address()).isEqualTo("127.0.0.1");
        assertThat(outcome.truncated()).isFalse();
        Request got = sink.awaitRequests(1).get(0);
        assertThat(got.method()).isEqualTo("POST");
        assertThat(got.path()).isEqualTo("/hook?x=1");
        assertThat(got.body()).isEqualTo(event(null).structured());
        assertThat(got.header("content-type")).isEqualTo("application/cloudevents+json; charset=utf-8");
        assertThat(got.header("host")).isEqualTo("127.0.0.1:" + sink.port());
        assertThat(got.header("webhook-id")).isEqualTo(WEBHOOK_ID);
        assertThat(got.header("fanfare-attempt")).isEqualTo("3");
        assertThat(got.header("fanfare-replay")).isNull();
        assertThat(got.header("user-agent")).isEqualTo("Fanfare/1.2.3");
        assertThat(got.header("traceparent")).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00");
        assertThat(got.header("authorization")).isNull();
        assertThat(got.headers().stream().map(header -> header.getKey().toLowerCase()))
                .doesNotHaveDuplicates()
                .doesNotContain("accept-encoding", "transfer-encoding");
    }

    @Test
    void the_signature_verifies_with_the_standard_webhooks_library() throws Exception {
        send(sink.url("/hook"));
        verify(sink.awaitRequests(1).get(0), secret);
    }

    private static void verify(Request got, WebhookSecret secret) throws Exception {
        Map<String, List<String>> headers = got.headers().stream()
                .collect(Collectors.toMap(
                        header -> header.getKey().toLowerCase(),
                        header -> List.of(header.getValue()),
                        (a, b) -> a,
                        TreeMap::new));
        new Webhook(secret.text()).verify(got.text(), HttpHeaders.of(headers, (name, value) -> true));
    }

    @Test
    void every_secret_that_is_valid_now_signs_and_an_expired_one_does_not() throws Exception {
        WebhookSecret old = WebhookSecret.generate();
        WebhookSecret expired = WebhookSecret.generate();
        send(subscription(
                sink.url("/hook"),
                settings(LONG),
                null,
                new TimedSecret(old, Instant.now().plusSeconds(60)),
                new TimedSecret(expired, Instant.now().minusSeconds(1))));

        Request got = sink.awaitRequests(1).get(0);
        assertThat(got.header("webhook-signature").split(" ")).hasSize(2);
        verify(got, secret);
        verify(got, old);
        assertThatThrownBy(() -> verify(got, expired)).isInstanceOf(Exception.class);
    }

    @Test
    void a_replay_is_told_and_the_content_type_and_headers_of_the_subscription_are_used() {
        Settings settings = new Settings(
                ContentMode.STRUCTURED,
                "application/json",
                Map.of("X-Team", "blue", "Webhook-Id", "forged"),
                LONG,
                1,
                retry());
        send(
                attempter,
                new AttemptRequest(
                        DELIVERY,
                        WEBHOOK_ID,
                        1,
                        "rpl_1",
                        event(null),
                        subscription(sink.url("/hook"), settings, null)));

        Request got = sink.awaitRequests(1).get(0);
        assertThat(got.header("fanfare-replay")).isEqualTo("rpl_1");
        assertThat(got.header("content-type")).isEqualTo("application/json");
        assertThat(got.header("x-team")).isEqualTo("blue");
        assertThat(got.header("webhook-id")).isEqualTo(WEBHOOK_ID);
    }

    @Test
    void each_kind_of_credential_becomes_its_header() {
        send(subscription(sink.url("/a"), settings(LONG), new Credential.Plain("jürgen", "s:1")));
        send(subscription(sink.url("/b"), settings(LONG), new Credential.AccessToken("tok")));
        send(subscription(sink.url("/c"), settings(LONG), new Credential.Header("X-Key", "k1")));

        List<Request> got = sink.awaitRequests(3);
        assertThat(got.get(0).header("authorization")).isEqualTo("Basic asO8cmdlbjpzOjE=");
        assertThat(got.get(1).header("authorization")).isEqualTo("Bearer tok");
        assertThat(got.get(2).header("x-key")).isEqualTo("k1");
        assertThat(got.get(2).header("authorization")).isNull();
    }

    @Test
    void binary_mode_sends_the_data_itself_and_percent_encodes_attributes() throws Exception {
        Settings settings = new Settings(ContentMode.BINARY, null, Map.of(), LONG, 1, retry());
        send(subscription(sink.url("/hook"), settings, null));

        Request got = sink.awaitRequests(1).get(0);
        assertThat(got.text()).isEqualTo("{\"a\": 1.0}");
        assertThat(got.header("content-type")).isEqualTo("application/json");
        assertThat(got.header("ce-specversion")).isEqualTo("1.0");
        assertThat(got.header("ce-subject")).isEqualTo("gr%C3%BC%C3%9Fe%20%22%25%22%20%F0%9F%98%80");
        assertThat(got.header("ce-datacontenttype")).isNull();
        verify(got, secret);
    }

    @Test
    void an_event_without_data_is_structured_also_in_binary_mode() {
        WireEvent empty = WireEvent.stored("1", "/s", "t", null, null, null, null, null, DataKind.NONE, null);
        Settings settings = new Settings(ContentMode.BINARY, null, Map.of(), LONG, 1, retry());
        send(
                attempter,
                new AttemptRequest(
                        DELIVERY, WEBHOOK_ID, 1, null, empty, subscription(sink.url("/hook"), settings, null)));

        Request got = sink.awaitRequests(1).get(0);
        assertThat(got.body()).isEqualTo(empty.structured());
        assertThat(got.header("content-type")).isEqualTo("application/cloudevents+json; charset=utf-8");
    }

    @Test
    void the_events_trace_goes_on_with_a_new_span_and_its_extension_stays() {
        String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        WireEvent traced = event("{\"traceparent\":\"" + trace + "\"}");
        send(attempter, new AttemptRequest(DELIVERY, WEBHOOK_ID, 1, null, traced, subscription(sink.url("/hook"))));

        Request got = sink.awaitRequests(1).get(0);
        assertThat(got.header("traceparent"))
                .matches("00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01")
                .isNotEqualTo(trace);
        assertThat(got.text()).contains("\"traceparent\":\"" + trace + "\"");
    }

    @Test
    void a_large_event_arrives_whole() throws Exception {
        byte[] data = ("\"" + "x".repeat(1_000_000) + "\"").getBytes(StandardCharsets.UTF_8);
        WireEvent large =
                WireEvent.stored("1", "/s", "t", null, null, "application/json", null, null, DataKind.JSON, data);
        send(attempter, new AttemptRequest(DELIVERY, WEBHOOK_ID, 1, null, large, subscription(sink.url("/hook"))));

        Request got = sink.awaitRequests(1).get(0);
        assertThat(got.body()).isEqualTo(large.structured());
        verify(got, secret);
    }

    @Test
    void connections_beyond_what_may_be_in_flight_are_closed_when_they_have_done_their_work() {
        Attempter two = attempter(2, true, "127.0.0.0/8");
        for (int i = 0; i < 20; i++) {
            // subscriptions of one host do not all share its connections
            assertThat(send(two, request(subscription(sink.url("/hook")))).status())
                    .isEqualTo(200);
        }
        await().until(() -> !two.isCrowded());
        assertThat(sink.connections()).isGreaterThan(2);
    }
}
