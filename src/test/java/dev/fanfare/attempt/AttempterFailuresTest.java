package dev.fanfare.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.delivery.Outcome;
import dev.fanfare.delivery.Reason;
import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.testing.FakeSink;
import dev.fanfare.testing.FakeSink.Answer;
import io.vertx.core.Context;
import io.vertx.core.net.NetServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttempterFailuresTest extends AttempterFixture {

    @Test
    void a_receiver_that_answers_nothing_times_out() {
        sink.on("/hook", Answer.hang());
        Outcome outcome = send(subscription(sink.url("/hook"), settings(SHORT), null));
        assertThat(outcome.failure()).isEqualTo(Reason.TIMEOUT);
        assertThat(outcome.status()).isZero();
        assertThat(outcome.address()).isEqualTo("127.0.0.1");
        assertThat(outcome.durationMs()).isGreaterThanOrEqualTo(100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 2", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nX-Half: a"})
    void a_head_that_stalls_times_out(String head) {
        sink.on("/hook", Answer.raw(head));
        Outcome outcome = send(subscription(sink.url("/hook"), settings(SHORT), null));
        assertThat(outcome.failure()).isEqualTo(Reason.TIMEOUT);
        assertThat(outcome.status()).isZero();
    }

    @Test
    void a_head_that_drips_times_out() {
        sink.on("/hook", Answer.drip(sink.vertx(), "HTTP/1.1 200 OK\r\nX-Slow: aaa", 5));
        Outcome outcome = send(subscription(sink.url("/hook"), settings(SHORT), null));
        assertThat(outcome.failure()).isEqualTo(Reason.TIMEOUT);
    }

    @ParameterizedTest
    @CsvSource({"200,", "410, HTTPSTATUS", "503, HTTPSTATUS", "302, REDIRECT"})
    void a_body_that_stalls_ends_at_the_timeout_and_the_head_decides(int status, Reason reason) {
        sink.on(
                "/hook",
                Answer.raw("HTTP/1.1 " + status + " X\r\nRetry-After: 7\r\nContent-Length: 100\r\n\r\nsome of it"));
        Outcome outcome = send(subscription(sink.url("/hook"), settings(SHORT), null));
        assertThat(outcome.failure()).isEqualTo(reason);
        assertThat(outcome.status()).isEqualTo(status);
        assertThat(text(outcome.responseBody())).isEqualTo("some of it");
        assertThat(outcome.truncated()).isTrue();
        assertThat(outcome.retryAfter()).isEqualTo(reason == null ? null : Duration.ofSeconds(7));
    }

    @Test
    void a_body_that_breaks_off_leaves_what_the_head_said() {
        String head = " X\r\nContent-Length: 100\r\n\r\nsome";
        sink.on("/fine", Answer.raw("HTTP/1.1 200" + head).then(Answer.close()));
        sink.on("/bad", Answer.raw("HTTP/1.1 500" + head).then(Answer.close()));
        Outcome fine = send(sink.url("/fine"));
        Outcome bad = send(sink.url("/bad"));
        assertThat(fine.failure()).isNull();
        assertThat(fine.truncated()).isTrue();
        assertThat(bad.failure()).isEqualTo(Reason.HTTPSTATUS);
        assertThat(bad.truncated()).isTrue();
    }

    @Test
    void a_closed_port_refuses() {
        sink.stop();
        Outcome outcome = send(sink.url("/hook"));
        assertThat(outcome.failure()).isEqualTo(Reason.CONNECTREFUSED);
        assertThat(outcome.address()).isEqualTo("127.0.0.1");
        sink.restart();
        assertThat(send(sink.url("/hook")).failure()).isNull();
    }

    @Test
    void a_connection_closed_or_reset_before_the_answer_is_a_reset_and_not_repeated() {
        sink.on("/close", Answer.close());
        sink.on("/reset", Answer.reset());
        assertThat(send(sink.url("/close")).failure()).isEqualTo(Reason.CONNECTIONRESET);
        assertThat(send(sink.url("/reset")).failure()).isEqualTo(Reason.CONNECTIONRESET);
        assertThat(sink.requests()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/close", "/reset"})
    void a_reused_connection_that_closes_before_any_answer_is_tried_once_more_on_a_fresh_one(String path) {
        Answer breaks = path.equals("/close") ? Answer.close() : Answer.reset();
        sink.on(path, Answer.status(200), breaks, Answer.status(202), breaks);
        LiveSubscription subscription = subscription(sink.url(path));
        Context context = vertx.getOrCreateContext();

        assertThat(onEventLoop(context, attempter, request(subscription)).join().status())
                .isEqualTo(200);
        assertThat(onEventLoop(context, attempter, request(subscription)).join().status())
                .isEqualTo(202);
        assertThat(sink.requests()).hasSize(3);
        assertThat(sink.connections()).isEqualTo(2);

        assertThat(onEventLoop(context, attempter, request(subscription)).join().failure())
                .isEqualTo(Reason.CONNECTIONRESET);
    }

    @Test
    void connections_are_kept_and_used_again() {
        LiveSubscription subscription = subscription(sink.url("/hook"));
        Context context = vertx.getOrCreateContext();
        for (int i = 0; i < 5; i++) {
            onEventLoop(context, attempter, request(subscription)).join();
        }
        assertThat(sink.connections()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "garbage\r\n\r\n",
                "HTTP/1.1 abc OK\r\n\r\n",
                "SSH-2.0-OpenSSH_9.2\r\n\r\n",
                "HTTP/1.1\r\n\r\n",
                "\u0015\u0003\u0003\u0000\u0002\u0002\u0046\r\n\r\n",
                "HTTP/1.1 -5 OK\r\n\r\n",
                "HTTP/1.1 99999999999 OK\r\n\r\n",
                "HTTP/1.1 70000 OK\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 99 OK\r\nContent-Length: 0\r\n\r\n",
                "220 mail.example ESMTP\r\n",
                "FOO/9.9 200 OK\r\n\r\n"
            })
    void what_is_not_http_is_said_to_be_so(String answer) {
        sink.on("/hook", Answer.raw(answer).then(Answer.close()));
        Outcome outcome = send(sink.url("/hook"));
        assertThat(outcome.failure()).isEqualTo(Reason.NOTHTTP);
        assertThat(outcome.status()).isZero();
    }

    @Test
    void an_endless_head_is_not_http() {
        sink.on("/hook", Answer.endlessHeaders());
        assertThat(send(sink.url("/hook")).failure()).isEqualTo(Reason.NOTHTTP);
    }

    @Test
    void a_certificate_that_nobody_trusts_is_a_tls_failure() {
        try (FakeSink tls = FakeSink.startTls()) {
            Outcome outcome = send(tls.url("/hook"));
            assertThat(outcome.failure()).isEqualTo(Reason.TLSFAILURE);
            assertThat(tls.requests()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"hooks.example,", "other.example, TLSFAILURE"})
    void a_certificate_is_checked_against_the_sinks_name(String name, Reason reason) throws Exception {
        dns.name(name, "127.0.0.1");
        Path store = Path.of(getClass().getResource("/" + FakeSink.CERTIFICATE).toURI());
        System.setProperty("javax.net.ssl.trustStore", store.toString());
        System.setProperty("javax.net.ssl.trustStorePassword", FakeSink.CERTIFICATE_PASSWORD);
        try (FakeSink tls = FakeSink.startTls()) {
            Outcome outcome = send("https://" + name + ":" + tls.port() + "/hook");
            assertThat(outcome.failure()).isEqualTo(reason);
            assertThat(tls.requests()).hasSize(reason == null ? 1 : 0);
        } finally {
            System.clearProperty("javax.net.ssl.trustStore");
            System.clearProperty("javax.net.ssl.trustStorePassword");
        }
    }

    @Test
    void a_port_that_does_not_speak_tls_is_a_tls_failure() {
        NetServer plain = sink.vertx()
                .createNetServer()
                .connectHandler(socket -> socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        assertThat(send("https://127.0.0.1:" + plain.actualPort() + "/hook").failure())
                .isEqualTo(Reason.TLSFAILURE);
    }

    @Test
    void a_subscription_without_a_secret_is_an_internal_failure_and_sends_nothing() {
        LiveSubscription none = subscription(sink.url("/hook"));
        LiveSubscription stripped = new LiveSubscription(
                none.id(),
                none.tenantId(),
                none.state(),
                none.sink(),
                1,
                1,
                none.filter(),
                none.settings(),
                List.of(),
                null,
                Instant.EPOCH);
        assertThat(send(stripped).failure()).isEqualTo(Reason.INTERNAL);
        assertThat(sink.requests()).isEmpty();
    }
}
