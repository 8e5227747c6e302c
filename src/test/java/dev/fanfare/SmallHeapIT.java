package dev.fanfare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.testing.EmbeddedDatabase;
import dev.fanfare.testing.PackagedFanfare;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A heap of 256 MiB, receivers that have stopped, and producers that flood with events of 64 KiB. More waits than the heap
 * would hold, the rest is refused, and once the receivers are back everything arrives. {@code -Ddrill.deliveries=100000
 * -Ddrill.subscriptions=20} makes so many wait.
 */
class SmallHeapIT {
    private static final int DELIVERIES = Integer.getInteger("drill.deliveries", 12_500);
    private static final int SUBSCRIPTIONS = Integer.getInteger("drill.subscriptions", 10);
    private static final int EVENTS = DELIVERIES / SUBSCRIPTIONS;
    private static final int EVENT_BYTES = 64 << 10;

    private static final long HEAP = 256L << 20;
    /** A lane that holds nothing may take one event more; JSON lies in the heap twice. */
    private static final long MOST_HELD = HEAP / 8 + SUBSCRIPTIONS * 3L * EVENT_BYTES;

    private static final long MOST_RESERVED = HEAP / 16;
    private static final Duration PATIENCE = Duration.ofSeconds(60 + DELIVERIES / 100);

    @TempDir
    Path temporary;

    private long mostHeld;
    private long mostReserved;

    @Test
    void more_waits_than_the_heap_would_hold_and_everything_arrives_when_the_receivers_are_back() throws Exception {
        try (ServerSocket frozen = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
                PackagedFanfare fanfare = start()) {
            int closed = PackagedFanfare.freePort();
            for (int i = 0; i < SUBSCRIPTIONS; i++) {
                subscribe(fanfare, i % 2 == 0 ? closed : frozen.getLocalPort(), "/" + i);
            }
            EmbeddedDatabase database = new EmbeddedDatabase(data());
            Set<String> acknowledged = flood(fanfare);
            assertThat(Integer.parseInt(
                            database.query("select count(*) from fanfare.delivery where settled_at is null")))
                    .isGreaterThanOrEqualTo(DELIVERIES);
            frozen.close();
            Instant back = Instant.now();
            try (Receivers receivers = new Receivers(closed, frozen.getLocalPort())) {
                awaitAll(fanfare, receivers, acknowledged);
                awaitSettled(database);
            }
            report(fanfare, database, Duration.between(back, Instant.now()));
            assertThat(fanfare.output()).doesNotContain("OutOf");
            assertThat(fanfare.terminate()).isZero();
        }
    }

    private PackagedFanfare start() throws IOException {
        return PackagedFanfare.start(
                        data(),
                        Map.of(),
                        "-Dquarkus.profile=local",
                        "-Dfanfare.ingest.commit-timeout=PT30S",
                        "-XX:TieredStopAtLevel=4",
                        "-Xmx" + (HEAP >> 20) + "m")
                .awaitReady();
    }

    private Path data() {
        return temporary.resolve("data");
    }

    private static void subscribe(PackagedFanfare fanfare, int port, String path) throws IOException {
        fanfare.asOperator()
                .body("{\"sink\":\"http://127.0.0.1:" + port + path
                        + "\",\"protocolsettings\":{\"contentmode\":\"binary\",\"timeout\":\"PT1S\""
                        + ",\"retry\":{\"schedule\":[" + "\"PT5S\",".repeat(49) + "\"PT5S\"],\"jitter\":0}}}")
                .post("/v1/subscriptions")
                .then()
                .statusCode(201);
    }

    /** Until so many events were taken, and longer than memory lasts; returns which. */
    private Set<String> flood(PackagedFanfare fanfare) throws Exception {
        Flood flood = new Flood(fanfare, EVENT_BYTES);
        Instant began = Instant.now();
        flood.start();
        try {
            await(fanfare, () -> assertThat(flood.acknowledged()).hasSizeGreaterThanOrEqualTo(EVENTS));
        } finally {
            flood.stop();
        }
        System.out.printf(
                "Flood of %d KiB events in batches for %d s: answers by status %s%n",
                EVENT_BYTES >> 10, Duration.between(began, Instant.now()).toSeconds(), flood.answers());
        assertThat(flood.answers()).containsOnlyKeys(202, 503);
        return flood.acknowledged();
    }

    private void awaitAll(PackagedFanfare fanfare, Receivers receivers, Set<String> acknowledged) {
        await(fanfare, () -> {
            for (int i = 0; i < SUBSCRIPTIONS; i++) {
                assertThat(receivers.arrived("/" + i).containsAll(acknowledged)).isTrue();
            }
        });
    }

    private static void awaitSettled(EmbeddedDatabase database) {
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                        database.query("select string_agg(distinct state, ',') from fanfare.delivery"))
                .isEqualTo("delivered"));
    }

    /** Looks all the time at what the process says of its own memory. */
    private void await(PackagedFanfare fanfare, Runnable assertion) {
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).untilAsserted(() -> {
            String metrics = PackagedFanfare.get("http://127.0.0.1:" + fanfare.managementPort() + "/q/metrics")
                    .body();
            mostHeld = Math.max(mostHeld, metric(metrics, "fanfare_held_bytes"));
            mostReserved = Math.max(mostReserved, metric(metrics, "fanfare_ingest_reserved_bytes"));
            assertion.run();
        });
    }

    private static long metric(String metrics, String name) {
        return metrics.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(name.length())))
                .findFirst()
                .orElseThrow();
    }

    private void report(PackagedFanfare fanfare, EmbeddedDatabase database, Duration recovery) throws Exception {
        System.out.printf(
                "%s deliveries had waited; all arrived %d s after the receivers were back; held %d MiB, requests %d MiB at"
                        + " most; resident: %s%n",
                database.query("select count(*) from fanfare.delivery"),
                recovery.toSeconds(),
                mostHeld >> 20,
                mostReserved >> 20,
                resident(fanfare.process().pid()));
        assertThat(mostHeld).isPositive().isLessThanOrEqualTo(MOST_HELD);
        assertThat(mostReserved).isPositive().isLessThanOrEqualTo(MOST_RESERVED);
    }

    private static List<String> resident(long pid) throws IOException {
        Path status = Path.of("/proc/" + pid + "/status");
        return Files.exists(status)
                ? Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("VmHWM") || line.startsWith("VmRSS"))
                        .map(line -> line.replaceAll("\\s+", " "))
                        .toList()
                : List.of();
    }

    /** Answers 200 on some ports, and knows what has come. */
    private static final class Receivers implements AutoCloseable {
        private final Vertx vertx =
                Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1));
        private final Map<String, Set<String>> arrived = new ConcurrentHashMap<>();

        Receivers(int... ports) throws Exception {
            for (int port : ports) {
                vertx.createHttpServer(new HttpServerOptions().setAcceptBacklog(1024))
                        .requestHandler(this::receive)
                        .listen(port, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(20, TimeUnit.SECONDS);
            }
        }

        private void receive(HttpServerRequest request) {
            request.endHandler(end -> {
                arrived.computeIfAbsent(request.path(), path -> ConcurrentHashMap.newKeySet())
                        .add(request.getHeader("ce-id"));
                request.response().end();
            });
        }

        Set<String> arrived(String path) {
            return arrived.getOrDefault(path, Set.of());
        }

        @Override
        public void close() throws Exception {
            vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
    }
}
