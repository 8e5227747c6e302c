package dev.fanfare.attempt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.delivery.Outcome;
import dev.fanfare.delivery.Reason;
import dev.fanfare.platform.SinkGuardConfig;
import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.testing.FakeSink.Answer;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Context;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttempterNamesTest extends AttempterFixture {

    @Test
    void a_name_is_resolved_once_for_a_while_and_the_host_header_follows_it() {
        dns.name("hooks.example", "127.0.0.1");
        String url = "http://hooks.example:" + sink.port() + "/hook";
        assertThat(send(url).failure()).isNull();
        Outcome second = send(url);

        assertThat(second.address()).isEqualTo("127.0.0.1");
        assertThat(sink.awaitRequests(2).get(0).header("host")).isEqualTo("hooks.example:" + sink.port());
        assertThat(dns.questions()).isEqualTo(1);
    }

    @Test
    void a_retry_goes_to_the_names_next_address() {
        dns.name("two.example", "127.0.0.1", "127.0.0.2");
        LiveSubscription two = subscription("http://two.example:" + sink.port() + "/hook");
        assertThat(send(attempter, new AttemptRequest(DELIVERY, WEBHOOK_ID, 1, null, event(null), two))
                        .failure())
                .isNull();
        Outcome second = send(attempter, new AttemptRequest(DELIVERY, WEBHOOK_ID, 2, null, event(null), two));
        assertThat(second.address()).isEqualTo("127.0.0.2");
        assertThat(second.failure()).isEqualTo(Reason.CONNECTREFUSED);
    }

    @Test
    void a_name_that_does_not_exist_is_a_dns_failure() {
        Outcome outcome = send("http://missing.example/hook");
        assertThat(outcome.failure()).isEqualTo(Reason.DNSFAILURE);
        assertThat(outcome.address()).isNull();
    }

    @Test
    void a_name_server_that_does_not_answer_is_a_dns_failure_or_the_attempts_timeout() {
        dns.silent();
        assertThat(send("http://quiet.example/hook").failure()).isEqualTo(Reason.DNSFAILURE);
        assertThat(send(subscription("http://quieter.example/hook", settings(SHORT), null))
                        .failure())
                .isEqualTo(Reason.TIMEOUT);
    }

    @Test
    void localhost_is_resolved_without_a_name_server() {
        Attempter open = attempter("127.0.0.0/8", "::1/128");
        Outcome outcome = send(open, request(subscription("http://localhost:" + sink.port() + "/hook")));
        assertThat(outcome.failure()).isIn((Reason) null, Reason.CONNECTREFUSED); // ::1 may come first
        assertThat(dns.questions()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.0.0.1,8.8.8.8", "8.8.8.8,127.0.0.1", "10.0.0.1", "169.254.169.254"})
    void a_name_with_an_address_that_is_not_public_is_refused_without_a_connection(String addresses) {
        dns.name("inside.example", addresses.split(","));
        Attempter closed = attempter("192.0.2.0/24");
        Outcome outcome = send(closed, request(subscription("http://inside.example:" + sink.port() + "/hook")));

        assertThat(outcome.failure()).isEqualTo(Reason.SINKREFUSED);
        assertThat(addresses).contains(outcome.address());
        assertThat(outcome.address()).isNotEqualTo("8.8.8.8");
        assertThat(sink.connections()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:%d/", "http://2130706433:%d/", "http://localhost:%d/", "ftp://x:%d/"})
    void a_literal_that_is_not_public_is_refused_without_a_connection(String url) {
        Attempter closed = attempter("192.0.2.0/24");
        Outcome outcome = send(closed, request(subscription(url.formatted(sink.port()))));
        assertThat(outcome.failure()).isEqualTo(Reason.SINKREFUSED);
        assertThat(sink.connections()).isZero();
    }

    @Test
    void an_http_sink_is_refused_without_a_connection_where_http_is_not_allowed() {
        Outcome outcome = send(attempter(false, "127.0.0.0/8"), request(subscription(sink.url("/hook"))));
        assertThat(outcome.failure()).isEqualTo(Reason.SINKREFUSED);
        assertThat(sink.connections()).isZero();
    }

    @Test
    void many_attempts_at_once_to_one_origin_each_get_a_connection() throws IOException {
        CompletableFuture<Void> gate = new CompletableFuture<>();
        sink.on("/hook", Answer.status(200).after(gate));
        LiveSubscription subscription = subscription(sink.url("/hook"));
        Context context = vertx.getOrCreateContext();
        List<CompletableFuture<Outcome>> all = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            all.add(onEventLoop(context, attempter, request(subscription)));
        }
        sink.awaitRequests(64);
        gate.complete(null);
        assertThat(all).allSatisfy(one -> assertThat(one.join().failure()).isNull());
    }

    @Test
    void attempts_that_time_out_while_connecting_free_their_place() throws Exception {
        try (ServerSocket full = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            // Nobody accepts: TLS never begins.
            LiveSubscription stuck =
                    subscription("https://127.0.0.1:" + full.getLocalPort() + "/", settings(SHORT), null);
            for (int i = 0; i < 3; i++) {
                assertThat(send(stuck).failure()).isEqualTo(Reason.TIMEOUT);
            }
        }
    }

    @Test
    void both_config_mappings_of_the_prefix_stand_together_and_unknown_keys_are_still_found() {
        var config = new SmallRyeConfigBuilder()
                .withMapping(SinkGuardConfig.class)
                .withMapping(AttemptConfig.class)
                .withDefaultValue("fanfare.attempt.allow-http", "true")
                .withDefaultValue("fanfare.attempt.dns-timeout", "PT2S")
                .build();
        assertThat(config.getConfigMapping(AttemptConfig.class).dnsTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.getConfigMapping(SinkGuardConfig.class).allowHttp()).isTrue();
        assertThatThrownBy(() -> new SmallRyeConfigBuilder()
                        .withMapping(SinkGuardConfig.class)
                        .withMapping(AttemptConfig.class)
                        .withDefaultValue("fanfare.attempt.alow-http", "true")
                        .build())
                .hasMessageContaining("alow-http");
    }
}
