package dev.fanfare.attempt;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.cloudevents.WireEvent.DataKind;
import dev.fanfare.delivery.Outcome;
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
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** An attempter whose sinks and name server are on loopback. */
abstract class AttempterFixture {

    record GuardConfig(Optional<List<String>> allowedNetworks, boolean allowHttp) implements SinkGuardConfig {}

    record Config(Optional<List<String>> nameServers, Duration dnsTimeout, Duration dnsCache)
            implements AttemptConfig {}

    static Vertx vertx;
    static final Duration LONG = Duration.ofSeconds(15);
    static final Duration SHORT = Duration.ofMillis(150);
    static final UUID DELIVERY = UUID.fromString("0192d3a0-0000-7000-8000-000000000001");
    static final String WEBHOOK_ID = "dlv_01jb9t00000000000000000001";

    final FakeSink sink = FakeSink.start();
    final List<AutoCloseable> opened = new ArrayList<>();
    final WebhookSecret secret = WebhookSecret.generate();
    FakeDns dns;
    Attempter attempter;

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

    @BeforeAll
    static void openVertx() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void closeVertx() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    Attempter attempter(String... networks) {
        return attempter(true, networks);
    }

    Attempter attempter(boolean allowHttp, String... networks) {
        return attempter(64, allowHttp, networks);
    }

    Attempter attempter(int maxInflight, boolean allowHttp, String... networks) {
        SinkGuard guard = new SinkGuard(new GuardConfig(Optional.of(List.of(networks)), allowHttp));
        Attempter made = new Attempter(
                vertx,
                Instant::now,
                guard,
                new Config(Optional.of(List.of(dns.server())), Duration.ofSeconds(1), Duration.ofSeconds(10)),
                maxInflight,
                "1.2.3");
        opened.add(made);
        return made;
    }

    Settings settings(Duration timeout) {
        return new Settings(ContentMode.STRUCTURED, null, Map.of(), timeout, 256, retry());
    }

    static RetryPolicy retry() {
        return new RetryPolicy(List.of(), 0, Duration.ofDays(1), Set.of());
    }

    LiveSubscription subscription(String url, Settings settings, Credential credential, TimedSecret... more) {
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

    LiveSubscription subscription(String url) {
        return subscription(url, settings(LONG), null);
    }

    static WireEvent event(String extensions) {
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

    static AttemptRequest request(LiveSubscription subscription) {
        return new AttemptRequest(DELIVERY, WEBHOOK_ID, 3, null, event(null), subscription);
    }

    Outcome send(LiveSubscription subscription) {
        return send(attempter, request(subscription));
    }

    Outcome send(String url) {
        return send(subscription(url));
    }

    static Outcome send(Attempter attempter, AttemptRequest request) {
        return onEventLoop(vertx.getOrCreateContext(), attempter, request).join();
    }

    static CompletableFuture<Outcome> onEventLoop(Context context, Attempter attempter, AttemptRequest request) {
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

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
