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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An event whose POST begins after a subscription's 201 is matched by it, on any replica. */
class ReadYourWritesIT {
    private static final int TIMES = 1_000;

    @TempDir
    Path temporary;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void an_event_posted_to_one_replica_is_matched_by_a_subscription_just_made_on_the_other() throws Exception {
        try (PackagedFanfare first =
                        PackagedFanfare.startLocal(temporary.resolve("first")).awaitReady();
                PackagedFanfare second = PackagedFanfare.start(
                                temporary.resolve("second"),
                                shared(temporary.resolve("first")),
                                "-Dquarkus.profile=local")
                        .awaitReady()) {
            String key = first.operatorKey();
            List<Integer> missed = new ArrayList<>();
            for (int i = 0; i < TIMES; i++) {
                PackagedFanfare here = i % 2 == 0 ? first : second;
                PackagedFanfare there = i % 2 == 0 ? second : first;
                // nobody listens there: it only has to be matched
                HttpResponse<String> subscribed =
                        post(here, key, "/v1/subscriptions", "application/json", """
                        {"protocol":"HTTP","sink":"http://127.0.0.1:9/","types":["t.%d"],
                         "protocolsettings":{"retry":{"schedule":[]}}}""".formatted(i));
                assertThat(subscribed.statusCode()).as(subscribed.body()).isEqualTo(201);
                HttpResponse<String> accepted =
                        post(there, key, "/v1/events", "application/cloudevents+json", """
                        {"specversion":"1.0","id":"%1$d","source":"/cluster","type":"t.%1$d"}""".formatted(i));
                assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
                if (!accepted.body().contains("\"deliveries\":1")) {
                    missed.add(i);
                }
            }
            assertThat(missed).isEmpty();
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
