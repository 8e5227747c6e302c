package dev.fanfare.attempt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.Webhook;
import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.cloudevents.WireEvent.DataKind;
import dev.fanfare.delivery.Outcome;
import dev.fanfare.delivery.Reason;
import dev.fanfare.filter.Filter;
import dev.fanfare.platform.SinkGuard;
import dev.fanfare.platform.SinkGuardConfig;
import dev.fanfare.signing.WebhookSecret;
import dev.fanfare.subscription.Credential;
import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.subscription.LiveSubscription.TimedSecret;
import dev.fanfare.subscription.RetryPolicy;
import dev.fanfare.subscription.Settings;
import dev.fanfare.subscription.Settings.ContentMode;
import dev.fanfare.testing.FakeDns;
import dev.fanfare.testing.FakeSink;
import dev.fanfare.testing.FakeSink.Answer;
import dev.fanfare.testing.FakeSink.Request;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttempterTest {

    private record GuardConfig(Optional<List<String>> allowedNetworks, boolean allowHttp) implements SinkGuardConfig {}

    private record Config(Optional<List<String>> nameServers, Duration dnsTimeout, Duration dnsCache)
            implements AttemptConfig {}

    private static final Vertx VERTX = Vertx.vertx();
    private static final Duration LONG = Duration.ofSeconds(15);
    private static final Duration SHORT = Duration.ofMillis(150);
    private static final UUID DELIVERY = UUID.fromString("0192d3a0-0000-7000-8000-000000000001");
    private static final String WEBHOOK_ID = "dlv_01jb9t00000000000000000001";

    private final FakeSink sink = FakeSink.start();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final WebhookSecret secret = WebhookSecret.generate();
    private FakeDns dns;
    private Attempter attempter;

    @BeforeEach
    void open() throws IOException {
        dns = new FakeDns();
        attempter = attempter("127.0.0.0/8");
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        dns.close();
        sink.close();
    }

    @AfterAll
    static void closeVertx() {
        VERTX.close().toCompletionStage().toCompletableFuture().join();
    }

    private Attempter attempter(String... networks) {
        SinkGuard guard = new SinkGuard(new GuardConfig(Optional.of(List.of(networks)), true));
        Attempter made = new Attempter(
                VERTX,
                Instant::now,
                guard,
                new Config(Optional.of(List.of(dns.server())), Duration.ofSeconds(1), Duration.ofSeconds(10)),
                64,
                "1.2.3");
        opened.add(made);
        return made;
    }

    // ---- what a subscription says

    private Settings settings(Duration timeout) {
        return new Settings(ContentMode.STRUCTURED, null, Map.of(), timeout, 256, retry());
    }

    private static RetryPolicy retry() {
        return new RetryPolicy(List.of(), 0, Duration.ofDays(1), Set.of());
    }

    private LiveSubscription subscription(String url, Settings settings, Credential credential, TimedSecret... more) {
        List<TimedSecret> secrets = new ArrayList<>(List.of(new TimedSecret(secret, null)));
        secrets.addAll(List.of(more));
        return new LiveSubscription(
                UUID.randomUUID(),
                UUID.randomUUID(),
                LiveSubscription.State.ACTIVE,
                url,
                1,
                1,
                new Filter.All(List.of()),
                settings,
                secrets,
                credential,
                Instant.EPOCH);
    }

    private LiveSubscription subscription(String url) {
        return subscription(url, settings(LONG), null);
    }

    private static WireEvent event(String extensions) {
        return WireEvent.stored(
                "e-1",
                "/orders",
                "order.placed",
                "grüße \"%\" 😀",
                null,
                "application/json",
                null,
                extensions,
                DataKind.JSON,
                "{\"a\": 1.0}".getBytes(StandardCharsets.UTF_8));
    }

    private static AttemptRequest request(LiveSubscription subscription) {
        return new AttemptRequest(DELIVERY, WEBHOOK_ID, 3, null, event(null), subscription);
    }

    private Outcome send(LiveSubscription subscription) {
        return send(attempter, request(subscription));
    }

    private Outcome send(String url) {
        return send(subscription(url));
    }

    private static Outcome send(Attempter attempter, AttemptRequest request) {
        return onEventLoop(VERTX.getOrCreateContext(), attempter, request).join();
    }

    private static CompletableFuture<Outcome> onEventLoop(
            Context context, Attempter attempter, AttemptRequest request) {
        CompletableFuture<Outcome> done = new CompletableFuture<>();
        context.runOnContext(go -> attempter.send(request).onComplete(outcome -> {
            if (Vertx.currentContext() != context) {
                done.completeExceptionally(new AssertionError("completed on another context"));
            } else if (outcome.failed()) {
                done.completeExceptionally(outcome.cause());
            } else {
                done.complete(outcome.result());
            }
        }));
        return done.orTimeout(FakeSink.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    // ---- what a receiver gets

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

    // ---- what is answered

    @ParameterizedTest
    @CsvSource({
        "200,",
        "201,",
        "202,",
        "204,",
        "299,",
        "300, REDIRECT",
        "301, REDIRECT",
        "304, REDIRECT",
        "307, REDIRECT",
        "400, HTTPSTATUS",
        "404, HTTPSTATUS",
        "410, HTTPSTATUS",
        "429, HTTPSTATUS",
        "500, HTTPSTATUS",
        "503, HTTPSTATUS",
        "101, HTTPSTATUS",
        "999, HTTPSTATUS"
    })
    void a_status_is_delivered_only_when_it_is_2xx(int status, Reason reason) {
        sink.on("/hook", Answer.status(status, "Location", sink.url("/elsewhere")));
        Outcome outcome = send(sink.url("/hook"));

        assertThat(outcome.status()).isEqualTo(status);
        assertThat(outcome.failure()).isEqualTo(reason);
        assertThat(text(outcome.responseHeaders())).contains("Location: " + sink.url("/elsewhere") + "\r\n");
        assertThat(sink.requests("/elsewhere")).isEmpty();
    }

    @Test
    void interim_answers_are_skipped() {
        sink.on(
                "/hook",
                Answer.raw("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
                        .then(Answer.status(200)));
        assertThat(send(sink.url("/hook")).failure()).isNull();
    }

    @Test
    void the_answers_head_and_body_are_kept_byte_for_byte() {
        byte[] body = {0, (byte) 0xff, (byte) 0xc3, 10};
        sink.on("/hook", Answer.status(500, body, "X-Word", "café"));
        Outcome outcome = send(sink.url("/hook"));

        assertThat(outcome.responseBody()).isEqualTo(body);
        assertThat(text(outcome.responseHeaders())).isEqualTo("X-Word: café\r\nContent-Length: 4\r\n");
        assertThat(outcome.truncated()).isFalse();
    }

    @Test
    void retry_after_is_read_from_failures_only() {
        sink.on("/busy", Answer.status(503, "Retry-After", "120"));
        sink.on("/fine", Answer.status(200, "Retry-After", "120"));
        sink.on("/garbage", Answer.status(503, "Retry-After", "soon"));
        assertThat(send(sink.url("/busy")).retryAfter()).isEqualTo(Duration.ofSeconds(120));
        assertThat(send(sink.url("/fine")).retryAfter()).isNull();
        assertThat(send(sink.url("/garbage")).retryAfter()).isNull();
    }

    @Test
    void of_a_body_16_kib_are_kept() {
        sink.on("/exact", Answer.status(500, new byte[16 * 1024]));
        sink.on("/over", Answer.status(500, new byte[16 * 1024 + 1]));
        Outcome exact = send(sink.url("/exact"));
        Outcome over = send(sink.url("/over"));
        assertThat(exact.responseBody()).hasSize(16 * 1024);
        assertThat(exact.truncated()).isFalse();
        assertThat(over.responseBody()).hasSize(16 * 1024);
        assertThat(over.truncated()).isTrue();
    }

    @Test
    void an_endless_body_is_cut_and_its_2xx_counts() {
        sink.on("/hook", Answer.endlessBody());
        Outcome outcome = send(sink.url("/hook"));
        assertThat(outcome.failure()).isNull();
        assertThat(outcome.status()).isEqualTo(200);
        assertThat(outcome.responseBody()).hasSize(16 * 1024);
        assertThat(outcome.truncated()).isTrue();
    }

    @Test
    void of_many_headers_50_are_kept() {
        String[] headers = new String[120];
        for (int i = 0; i < headers.length; i += 2) {
            headers[i] = "X-" + i;
            headers[i + 1] = "v";
        }
        sink.on("/hook", Answer.status(200, headers));
        Outcome outcome = send(sink.url("/hook"));
        assertThat(text(outcome.responseHeaders()).split("\r\n")).hasSize(50);
        assertThat(outcome.truncated()).isTrue();
    }

    // ---- what goes wrong

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
        Context context = VERTX.getOrCreateContext();

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
        Context context = VERTX.getOrCreateContext();
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
                "220 mail.example ESMTP\r\n",
                "FOO/9.9 200 OK\r\n\r\n"
            })
    void what_is_not_http_is_said_to_be_so(String answer) {
        sink.on("/hook", Answer.raw(answer).then(Answer.close()));
        Outcome outcome = send(sink.url("/hook"));
        assertThat(outcome.failure()).isIn(Reason.NOTHTTP, Reason.CONNECTIONRESET);
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
        String url = sink.url("/hook").replace("http:", "https:");
        sink.on("/hook", Answer.close());
        assertThat(send(subscription(url, settings(Duration.ofMillis(500)), null))
                        .failure())
                .isIn(Reason.TLSFAILURE, Reason.TIMEOUT);
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

    // ---- names

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

    // ---- limits

    @Test
    void many_attempts_at_once_to_one_origin_each_get_a_connection() throws IOException {
        CompletableFuture<Void> gate = new CompletableFuture<>();
        sink.on("/hook", Answer.status(200).after(gate));
        LiveSubscription subscription = subscription(sink.url("/hook"));
        Context context = VERTX.getOrCreateContext();
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
