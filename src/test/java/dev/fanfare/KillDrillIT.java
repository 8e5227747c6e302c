package dev.fanfare;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.testing.CountingReceiver;
import dev.fanfare.testing.CountingReceiver.Arrival;
import dev.fanfare.testing.PackagedFanfare;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One process under load is killed with {@code kill -9} at ten random moments, in half of them with its Postgres. Each
 * acknowledged event reaches both subscriptions. {@code -Ddrill.seed=} repeats the moments of a former run.
 */
class KillDrillIT {
    private static final int KILLS = 10;
    private static final int MOST_MILLIS_OF_LOAD = 1_500;
    private static final int PRODUCERS = 8;
    private static final int BATCH = 20;
    private static final int MOST_EVENTS_OF_A_RUN = 6_000;
    /** Small, so that lanes overflow and claims are killed too. */
    private static final int LANE_LIMIT = 32;

    private static final int NODE_LIMIT = 256;
    private static final List<String> PATHS = List.of("/wide", "/narrow");

    @TempDir
    Path temporary;

    private final Random random = new Random(seed());

    private static long seed() {
        long seed = Long.getLong("drill.seed", System.nanoTime());
        System.out.println("Kill drill with -Ddrill.seed=" + seed);
        return seed;
    }

    @Test
    void each_acknowledged_event_arrives_whatever_is_killed() throws Exception {
        try (CountingReceiver receiver = CountingReceiver.start()) {
            Load load = new Load();
            for (int kill = 0; kill < KILLS; kill++) {
                try (PackagedFanfare fanfare = start()) {
                    if (kill == 0) {
                        subscribe(fanfare, receiver.url("/wide"), 256);
                        subscribe(fanfare, receiver.url("/narrow"), LANE_LIMIT);
                    }
                    load.start(fanfare);
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(MOST_MILLIS_OF_LOAD));
                    kill(fanfare, kill % 2 == 1);
                    load.stop();
                }
                receiver.nextRun();
            }
            try (PackagedFanfare last = start()) {
                load.sendAgainWhatWasNotAnswered(last);
                awaitArrivals(receiver, load.acknowledged.size());
                awaitNothingLeft();
                account(receiver, load.acknowledged);
                assertThat(last.terminate()).isZero();
            }
        }
    }

    private PackagedFanfare start() throws IOException {
        return PackagedFanfare.start(
                        data(),
                        Map.of("FANFARE_DISPATCH_MAX_INFLIGHT", Integer.toString(NODE_LIMIT)),
                        "-Dquarkus.profile=local",
                        "-XX:TieredStopAtLevel=1")
                .awaitReady();
    }

    private Path data() {
        return temporary.resolve("data");
    }

    private static void subscribe(PackagedFanfare fanfare, String sink, int maxInflight) throws IOException {
        fanfare.asOperator()
                .body("{\"protocol\":\"HTTP\",\"sink\":\"" + sink
                        + "\",\"protocolsettings\":{\"contentmode\":\"binary\",\"maxinflight\":" + maxInflight
                        + ",\"retry\":{\"schedule\":[\"PT0.3S\",\"PT1S\",\"PT1S\",\"PT5S\"]}}}")
                .post("/v1/subscriptions")
                .then()
                .statusCode(201);
    }

    private void kill(PackagedFanfare fanfare, boolean postgresToo) throws Exception {
        ProcessHandle postgres = ProcessHandle.of(Long.parseLong(postmaster(0))).orElseThrow();
        if (postgresToo && random.nextBoolean()) {
            kill(postgres);
            fanfare.kill();
        } else {
            fanfare.kill();
            if (postgresToo) {
                kill(postgres);
            }
        }
    }

    private static void kill(ProcessHandle postgres) {
        List<ProcessHandle> backends = postgres.descendants().toList();
        postgres.destroyForcibly();
        backends.forEach(ProcessHandle::destroyForcibly);
    }

    private String postmaster(int line) throws IOException {
        return Files.readAllLines(data().resolve("pg/postmaster.pid")).get(line).strip();
    }

    private static void awaitArrivals(CountingReceiver receiver, int events) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(PATHS)
                .allSatisfy(path -> assertThat(receiver.events(path)).isGreaterThanOrEqualTo(events)));
    }

    private void awaitNothingLeft() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> {
                    assertThat(query("select count(*) from fanfare.queue")).isEqualTo("0");
                    assertThat(query("select string_agg(distinct state, ',') from fanfare.delivery"))
                            .isEqualTo("delivered");
                });
    }

    private void account(CountingReceiver receiver, Set<String> acknowledged) throws Exception {
        assertThat(query("select count(*) from fanfare.event")).isEqualTo(Integer.toString(acknowledged.size()));
        assertThat(query("select count(*) from fanfare.delivery"))
                .isEqualTo(Integer.toString(PATHS.size() * acknowledged.size()));
        Map<Integer, Long> repeated = new ConcurrentHashMap<>();
        for (String path : PATHS) {
            Map<String, List<Arrival>> arrivals = receiver.arrivals(path);
            assertThat(arrivals.keySet()).isEqualTo(acknowledged);
            arrivals.forEach((event, list) -> {
                assertThat(list.stream().map(Arrival::webhookId).distinct())
                        .as("webhook-ids of %s at %s", event, path)
                        .hasSize(1);
                assertThat(list.stream().map(Arrival::run))
                        .as("runs that delivered %s to %s", event, path)
                        .doesNotHaveDuplicates();
            });
            // an arrival that was repeated was in flight when its run was killed
            arrivals.values().stream()
                    .flatMap(list -> list.subList(0, list.size() - 1).stream())
                    .collect(groupingBy(Arrival::run, counting()))
                    .forEach((run, count) -> repeated.merge(run, count, Long::sum));
        }
        System.out.printf("%d events acknowledged; arrived again, by run: %s%n", acknowledged.size(), repeated);
        assertThat(repeated.values()).allSatisfy(count -> assertThat(count).isLessThanOrEqualTo(NODE_LIMIT));
    }

    private String query(String sql) throws SQLException, IOException {
        String url = "jdbc:postgresql://127.0.0.1:" + postmaster(3) + "/postgres";
        String password = Files.readString(data().resolve("pg-password")).strip();
        try (Connection c = DriverManager.getConnection(url, "fanfare", password);
                Statement s = c.createStatement();
                ResultSet row = s.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    /** Producers that post as fast as they are answered, every other one batches, and never forget what was not. */
    private static final class Load {
        final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        private final HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        private final AtomicInteger next = new AtomicInteger();
        private final Queue<List<String>> unanswered = new ConcurrentLinkedQueue<>();
        private final List<Thread> producers = new ArrayList<>();
        private volatile boolean running;

        void start(PackagedFanfare fanfare) throws IOException {
            running = true;
            int end = next.get() + MOST_EVENTS_OF_A_RUN;
            String key = fanfare.operatorKey();
            for (int i = 0; i < PRODUCERS; i++) {
                int size = i % 2 == 0 ? 1 : BATCH;
                Thread producer = new Thread(() -> produce(fanfare.address(), key, size, end));
                producers.add(producer);
                producer.start();
            }
        }

        private void produce(String address, String key, int size, int end) {
            while (running && next.get() < end) {
                int first = next.getAndAdd(size);
                List<String> ids = IntStream.range(first, first + size)
                        .mapToObj(n -> "e" + n)
                        .toList();
                if (!post(address, key, ids)) {
                    unanswered.add(ids);
                    return;
                }
            }
        }

        private boolean post(String address, String key, List<String> ids) {
            String batch = ids.stream().map(id -> """
                            {"specversion":"1.0","id":"%1$s","source":"/drill","type":"com.example.drilled","data":"%1$s"}""".formatted(id)).collect(joining(",", "[", "]"));
            HttpRequest request = HttpRequest.newBuilder(URI.create(address + "/v1/events"))
                    .timeout(Duration.ofSeconds(10))
                    .header("Authorization", "Bearer " + key)
                    .header("Content-Type", "application/cloudevents-batch+json")
                    .POST(BodyPublishers.ofString(batch))
                    .build();
            try {
                boolean accepted =
                        client.send(request, BodyHandlers.discarding()).statusCode() == 202;
                if (accepted) {
                    acknowledged.addAll(ids);
                }
                return accepted;
            } catch (IOException e) {
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        void stop() throws InterruptedException {
            running = false;
            for (Thread producer : producers) {
                producer.join();
            }
            producers.clear();
        }

        /** As a producer must: the events may have been committed, and are then taken for duplicates. */
        void sendAgainWhatWasNotAnswered(PackagedFanfare fanfare) throws IOException {
            String key = fanfare.operatorKey();
            for (List<String> ids : unanswered) {
                // a cold server may answer 503 first
                Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> post(fanfare.address(), key, ids));
            }
        }
    }
}
