package dev.fanfare.cluster;

import dev.fanfare.platform.TypeId;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** A receiver on loopback: it answers after a little while, and every fifth time, at random, that it failed. */
final class FlakyReceiver implements AutoCloseable {
    private static final int ONE_IN = 5;
    private static final int MOST_MILLIS = 100;
    private static final int[] FAILURES = {400, 404, 500, 502, 503};

    /**
     * A webhook that came.
     *
     * @param attempt as its sender counts
     * @param nanos System.nanoTime()
     * @param taken answered with 200
     */
    record Arrival(UUID delivery, int attempt, long nanos, boolean taken) {}

    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1));
    private final Queue<Arrival> arrivals = new ConcurrentLinkedQueue<>();
    private final Random random;
    private final int port;

    private FlakyReceiver(long seed) {
        random = new Random(seed);
        port = vertx.createHttpServer(new HttpServerOptions().setAcceptBacklog(1024))
                .requestHandler(this::receive)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(20, TimeUnit.SECONDS)
                .join()
                .actualPort();
    }

    static FlakyReceiver start(long seed) {
        return new FlakyReceiver(seed);
    }

    /** {@code -Ddrill.seed=}, or a new one; printed. */
    static long seed(String drill) {
        long seed = Long.getLong("drill.seed", System.nanoTime());
        System.out.println(drill + " with -Ddrill.seed=" + seed);
        return seed;
    }

    String url(String path) {
        return "http://127.0.0.1:" + port + path;
    }

    /** All webhooks so far, in the order in which they came. */
    List<Arrival> arrivals() {
        return List.copyOf(arrivals);
    }

    private void receive(HttpServerRequest request) {
        boolean taken = random.nextInt(ONE_IN) > 0;
        int status = taken ? 200 : FAILURES[random.nextInt(FAILURES.length)];
        arrivals.add(new Arrival(
                TypeId.parse("dlv", request.getHeader("webhook-id")),
                Integer.parseInt(request.getHeader("fanfare-attempt")),
                System.nanoTime(),
                taken));
        request.body()
                .onSuccess(body -> vertx.setTimer(
                        1 + random.nextInt(MOST_MILLIS),
                        later -> request.response().setStatusCode(status).end()));
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
