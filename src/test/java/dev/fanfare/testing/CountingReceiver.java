package dev.fanfare.testing;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/**
 * A receiver on loopback that counts much and keeps little: per path and event the webhooks that it answered with 200.
 * Reads binary mode. Some first tries of a webhook are answered 503, so that retries happen too.
 */
public final class CountingReceiver implements AutoCloseable {
    private static final int ONE_IN = 16;

    /** A webhook that was answered with 200, during which run of the sender. */
    public record Arrival(String webhookId, int run) {}

    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1));
    private final Map<String, Map<String, List<Arrival>>> arrivals = new ConcurrentHashMap<>();
    private final Map<String, Boolean> refused = new ConcurrentHashMap<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final int port;
    private volatile int run;

    private CountingReceiver() {
        port = vertx.createHttpServer(new HttpServerOptions().setAcceptBacklog(1024))
                .connectionHandler(connection -> {
                    connections.incrementAndGet();
                    connection.closeHandler(closed -> connections.decrementAndGet());
                })
                .requestHandler(this::receive)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(20, TimeUnit.SECONDS)
                .join()
                .actualPort();
    }

    public static CountingReceiver start() {
        return new CountingReceiver();
    }

    public String url(String path) {
        return "http://127.0.0.1:" + port + path;
    }

    /** Call it when the sender is dead: waits until all that it had sent is read, and counts from then on as a new run. */
    public void nextRun() {
        Awaitility.await().until(() -> connections.get() == 0);
        run++;
    }

    /** The webhooks of a path answered with 200, by the event's id. */
    public Map<String, List<Arrival>> arrivals(String path) {
        Map<String, List<Arrival>> copy = new TreeMap<>();
        arrivals.getOrDefault(path, Map.of()).forEach((event, list) -> {
            synchronized (list) {
                copy.put(event, List.copyOf(list));
            }
        });
        return copy;
    }

    /** How many different events have arrived at a path. */
    public int events(String path) {
        return arrivals.getOrDefault(path, Map.of()).size();
    }

    private void receive(HttpServerRequest request) {
        String webhook = request.getHeader("webhook-id");
        String event = request.getHeader("ce-id");
        String path = request.path();
        request.body().onSuccess(body -> {
            if (webhook.hashCode() % ONE_IN == 0 && refused.putIfAbsent(webhook, true) == null) {
                request.response().setStatusCode(503).end();
                return;
            }
            List<Arrival> list = arrivals.computeIfAbsent(path, p -> new ConcurrentHashMap<>())
                    .computeIfAbsent(event, e -> new ArrayList<>(1));
            synchronized (list) {
                list.add(new Arrival(webhook, run));
            }
            request.response().end();
        });
    }

    @Override
    public void close() {
        vertx.close()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
    }
}
