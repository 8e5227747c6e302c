package dev.fanfare.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.platform.TypeId;
import dev.fanfare.testing.FakeSink.Answer;
import dev.fanfare.testing.FakeSink.Request;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.Header;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a receiver gets: headers, modes, credentials, and the bytes of data. */
@QuarkusTest
class WebhookStoryTest extends Story {

    @Test
    void a_webhook_has_the_headers_of_standard_webhooks_and_its_own() {
        Subscribed subscription = subscribe(sink.url("/hook?x=1"));

        Published event = publish("{'n':1}");

        Request webhook = sink.awaitRequests(1).get(0);
        assertThat(webhook.method()).isEqualTo("POST");
        assertThat(webhook.path()).isEqualTo("/hook?x=1");
        assertThat(webhook.header("webhook-id"))
                .isEqualTo(TypeId.format("dlv", (UUID) delivery(event).get("id")));
        long timestamp = Long.parseLong(webhook.header("webhook-timestamp"));
        assertThat(timestamp)
                .isBetween(webhook.at().getEpochSecond() - 10, webhook.at().getEpochSecond() + 10);
        assertThat(webhook.header("webhook-signature")).matches("v1,[A-Za-z0-9+/]{43}=");
        assertThat(webhook.header("fanfare-attempt")).isEqualTo("1");
        assertThat(webhook.header("fanfare-replay")).isNull();
        assertThat(webhook.header("user-agent")).matches("Fanfare/\\S+");
        assertThat(webhook.header("traceparent")).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");
        assertThat(webhook.header("content-type")).isEqualTo("application/cloudevents+json; charset=utf-8");
        assertThat(webhook.header("authorization")).isNull();
        assertThat(verifies(webhook, subscription.secret())).isTrue();
        assertThat(verifies(webhook, "whsec_" + Base64.getEncoder().encodeToString(new byte[32])))
                .isFalse();
    }

    @Test
    void the_webhook_id_stays_over_retries_and_every_attempt_is_signed_anew() {
        sink.on("/hook", Answer.status(500), Answer.status(500), Answer.status(200));
        Subscribed subscription = subscribe(sink.url("/hook"), retries("'PT1.1S','PT0.1S'"));

        awaitState(publish("1"), "delivered");

        List<Request> attempts = sink.requests();
        assertThat(attempts)
                .extracting(a -> a.header("webhook-id"))
                .containsOnly(attempts.get(0).header("webhook-id"));
        assertThat(attempts).extracting(a -> a.header("fanfare-attempt")).containsExactly("1", "2", "3");
        assertThat(attempts).allMatch(a -> verifies(a, subscription.secret()));
        assertThat(Long.parseLong(attempts.get(1).header("webhook-timestamp")))
                .isGreaterThan(Long.parseLong(attempts.get(0).header("webhook-timestamp")));
        assertThat(attempts)
                .extracting(Request::text)
                .containsOnly(attempts.get(0).text());
    }

    @Test
    void two_subscriptions_get_two_webhook_ids_for_one_event() {
        subscribe(sink.url("/a"));
        subscribe(sink.url("/b"));
        publish("1");
        assertThat(sink.awaitRequests(2))
                .extracting(r -> r.header("webhook-id"))
                .doesNotHaveDuplicates();
    }

    @Test
    void binary_mode_sends_attributes_as_headers_and_data_as_the_bytes_that_came() {
        Subscribed subscription = subscribe(sink.url("/hook"), "'protocolsettings':{'contentmode':'binary'}");
        String data = "{\"z\" : 1.0e2,  \"a\":\"\\u00e4\" }";

        post(
                        "application/json",
                        data.getBytes(StandardCharsets.UTF_8),
                        new Header("ce-specversion", "1.0"),
                        new Header("ce-id", "1"),
                        new Header("ce-source", source),
                        new Header("ce-type", type),
                        new Header("ce-subject", "%C3%A4%20b"))
                .statusCode(202);

        Request webhook = sink.awaitRequests(1).get(0);
        assertThat(webhook.text()).isEqualTo(data);
        assertThat(webhook.header("content-type")).isEqualTo("application/json");
        assertThat(webhook.header("ce-specversion")).isEqualTo("1.0");
        assertThat(webhook.header("ce-id")).isEqualTo("1");
        assertThat(webhook.header("ce-source")).isEqualTo(source);
        assertThat(webhook.header("ce-type")).isEqualTo(type);
        assertThat(webhook.header("ce-subject")).isEqualTo("%C3%A4%20b");
        assertThat(verifies(webhook, subscription.secret())).isTrue();
    }

    @Test
    void structured_mode_has_the_json_data_byte_by_byte() {
        subscribe(sink.url("/hook"));
        String data = "{'z' : 1.0e2,  'a':'\\u00e4', 'n':1234567890123456789012345678901234567890 }";

        publish(data);

        assertThat(sink.awaitRequests(1).get(0).text()).contains(json(data));
    }

    @Test
    void bytes_that_are_no_text_come_as_base64() {
        byte[] data = {0, (byte) 0xff, (byte) 0xfe};
        subscribe(sink.url("/hook"));

        post(
                        "application/octet-stream",
                        data,
                        new Header("ce-specversion", "1.0"),
                        new Header("ce-id", "1"),
                        new Header("ce-source", source),
                        new Header("ce-type", type))
                .statusCode(202);

        assertThat(sink.awaitRequests(1).get(0).text())
                .contains(json("'data_base64':'" + Base64.getEncoder().encodeToString(data) + "'"));
    }

    @Test
    void a_receiver_that_reads_only_json_gets_the_same_bytes_as_application_json() {
        Subscribed subscription = subscribe(sink.url("/hook"), "'protocolsettings':{'contenttype':'application/json'}");
        publish("{'n':1}");
        Request webhook = sink.awaitRequests(1).get(0);
        assertThat(webhook.header("content-type")).isEqualTo("application/json");
        assertThat(webhook.text()).contains(json("'specversion':'1.0'")).contains(json("'data':{'n':1}"));
        assertThat(verifies(webhook, subscription.secret())).isTrue();
    }

    @Test
    void the_traceparent_of_the_event_goes_on() {
        String trace = "0af7651916cd43dd8448eb211c80319c";
        subscribe(sink.url("/hook"));
        post(
                        STRUCTURED,
                        event("1", "1")
                                .replace(
                                        "\"data\"",
                                        json("'traceparent':'00-" + trace + "-b7ad6b7169203331-01','data'")))
                .statusCode(202);
        assertThat(sink.awaitRequests(1).get(0).header("traceparent")).startsWith("00-" + trace + "-");
    }

    @Test
    void credentials_and_own_headers_come_along_and_are_never_shown() {
        Subscribed plain = subscribe(
                sink.url("/plain"),
                "'sinkcredential':{'credentialtype':'PLAIN','identifier':'me','secret':'pass'}",
                "'protocolsettings':{'headers':{'X-Mine':'yes'}}");
        subscribe(
                sink.url("/token"),
                "'sinkcredential':{'credentialtype':'ACCESSTOKEN','accesstoken':'t-1','accesstokenexpiresutc':"
                        + "'2099-01-01T00:00:00Z','accesstokentype':'bearer'}");
        subscribe(sink.url("/header"), "'sinkcredential':{'credentialtype':'HEADER','name':'X-Api-Key','value':'k-1'}");

        publish("1");

        sink.awaitRequests(3);
        Request basic = sink.requests("/plain").get(0);
        assertThat(basic.header("authorization")).isEqualTo("Basic bWU6cGFzcw==");
        assertThat(basic.header("x-mine")).isEqualTo("yes");
        assertThat(sink.requests("/token").get(0).header("authorization")).isEqualTo("Bearer t-1");
        assertThat(sink.requests("/header").get(0).header("x-api-key")).isEqualTo("k-1");
        assertThat(show(plain).prettify()).doesNotContain("pass").doesNotContain(plain.secret());
    }

    @Test
    void what_the_receiver_answered_is_kept_up_to_16_kib() {
        sink.on("/hook", Answer.status(200, "x".repeat(20_000).getBytes(StandardCharsets.US_ASCII), "X-Their", "a"));
        subscribe(sink.url("/hook"));

        Published event = publish("1");

        awaitState(event, "delivered");
        var attempt = row(
                "select response_headers, length(response_body) as bytes, truncated from attempt where delivery_id = ?",
                delivery(event).get("id"));
        assertThat((byte[]) attempt.get("response_headers")).asString().containsIgnoringCase("x-their: a");
        assertThat(attempt).containsEntry("bytes", 16_384).containsEntry("truncated", true);
    }

    @Test
    void an_endless_response_is_delivered_by_its_head_and_cut() {
        sink.on("/hook", Answer.endlessBody());
        subscribe(sink.url("/hook"));

        Published event = publish("1");

        assertThat(awaitState(event, "delivered")).containsEntry("attempts", 1);
    }
}
