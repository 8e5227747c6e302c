package dev.fanfare.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.testing.PackagedFanfare;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An event whose POST begins after a subscription's 201 is matched by it, on any replica. */
class ReadYourWritesIT {
    private static final int TIMES = 1_000;
    private static final int AT_ONCE = 8;
    private static final String ARCHIVE = "-XX:SharedArchiveFile="
            + Path.of("target", "quarkus-app", "fanfare.jsa").toAbsolutePath();

    @TempDir
    Path temporary;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final AtomicInteger next = new AtomicInteger();
    private final Queue<Integer> missed = new ConcurrentLinkedQueue<>();

    @Test
    void an_event_posted_to_one_replica_is_matched_by_a_subscription_just_made_on_the_other() throws Exception {
        try (PackagedFanfare first = PackagedFanfare.startLocal(temporary.resolve("first"), ARCHIVE)
                        .awaitReady();
                PackagedFanfare second = PackagedFanfare.start(
                                temporary.resolve("second"),
                                shared(temporary.resolve("first")),
                                ARCHIVE,
                                "-Dquarkus.profile=local")
                        .awaitReady()) {
            String key = first.operatorKey();
            ExecutorService pairs = Executors.newFixedThreadPool(AT_ONCE);
            try {
                List<Callable<Void>> tasks = Collections.nCopies(AT_ONCE, () -> {
                    for (int i = next.getAndIncrement(); i < TIMES; i = next.getAndIncrement()) {
                        subscribeHerePostThere(i, key, i % 2 == 0 ? first : second, i % 2 == 0 ? second : first);
                    }
                    return null;
                });
                for (Future<Void> done : pairs.invokeAll(tasks)) {
                    done.get();
                }
            } finally {
                pairs.shutdownNow();
            }
            assertThat(missed).isEmpty();
        }
    }

    private void subscribeHerePostThere(int i, String key, PackagedFanfare here, PackagedFanfare there)
            throws Exception {
        // nobody listens there: it only has to be matched
        HttpResponse<String> subscribed = post(here, key, "/v1/subscriptions", "application/json", """
                {"protocol":"HTTP","sink":"http://127.0.0.1:9/","types":["t.%d"],
                 "protocolsettings":{"retry":{"schedule":[]}}}""".formatted(i));
        assertThat(subscribed.statusCode()).as(subscribed.body()).isEqualTo(201);
        HttpResponse<String> accepted;
        int tries = 0;
        do {
            // a busy machine answers 503; what is sent again is another event, since that one may have been committed
            accepted = post(there, key, "/v1/events", "application/cloudevents+json", """
                    {"specversion":"1.0","id":"%1$d.%2$d","source":"/cluster","type":"t.%1$d"}""".formatted(i, tries++));
        } while (accepted.statusCode() == 503 && tries < 20);
        assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
        if (!accepted.body().contains("\"deliveries\":1")) {
            missed.add(i);
        }
    }

    /** The embedded Postgres of one replica, as the external one of another. */
    private static Map<String, String> shared(Path owner) throws IOException {
        String port =
                Files.readAllLines(owner.resolve("pg/postmaster.pid")).get(3).strip();
        return Map.of(
                "QUARKUS_DATASOURCE_JDBC_URL",
                "jdbc:postgresql://127.0.0.1:" + port + "/postgres",
                "QUARKUS_DATASOURCE_USERNAME",
                "fanfare",
                "QUARKUS_DATASOURCE_PASSWORD",
                Files.readString(owner.resolve("pg-password")).strip(),
                "FANFARE_ENCRYPTION_KEY",
                Files.readString(owner.resolve("encryption.key")).strip(),
                "FANFARE_ACCESS_OPERATOR_KEY",
                Files.readString(owner.resolve("operator.key")).strip());
    }

    private HttpResponse<String> post(PackagedFanfare to, String key, String path, String type, String body)
            throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(to.address() + path))
                        .header("Authorization", "Bearer " + key)
                        .header("Content-Type", type)
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }
}
