package dev.fanfare.cluster;

import dev.fanfare.platform.TypeId;
import dev.fanfare.testing.PackagedFanfare;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Processes of the packaged server on one database, each with a data directory of its own. */
final class Replicas {
    static final String KEY = "operator-key-of-the-drills-with-48-characters-00";
    /** base64 of 32 bytes */
    private static final String ENCRYPTION_KEY = "dGVzdHMtb25seS1rZXktb2YtdGhpcnR5LXR3by1ieXQ=";

    private static final Path ARCHIVE = Path.of("target", "quarkus-app", "fanfare.jsa");
    private static final Pattern REGISTERED = Pattern.compile("Registered as node ([0-9a-f-]{36})");

    private Replicas() {}

    /** Starts one; {@code data} names it in the database too: {@code fanfare-<name>}. */
    static PackagedFanfare start(Path data, DrilledPostgres postgres, String... options) throws IOException {
        return start(data, postgres.url(), postgres.password(), options);
    }

    static PackagedFanfare start(Path data, String url, String password, String... options) throws IOException {
        List<String> all = new ArrayList<>(List.of(
                "-Dquarkus.profile=local",
                "-XX:TieredStopAtLevel=1",
                "-XX:SharedArchiveFile=" + ARCHIVE.toAbsolutePath(),
                "-Dquarkus.datasource.jdbc.additional-jdbc-properties.ApplicationName=" + application(data),
                // what nobody holds is found in seconds
                "-Dfanfare.dispatch.unheld-after=PT3S"));
        all.addAll(Arrays.asList(options));
        return PackagedFanfare.start(
                data,
                Map.of(
                        "QUARKUS_DATASOURCE_JDBC_URL",
                        url,
                        "QUARKUS_DATASOURCE_USERNAME",
                        DrilledPostgres.USER,
                        "QUARKUS_DATASOURCE_PASSWORD",
                        password,
                        "FANFARE_ENCRYPTION_KEY",
                        ENCRYPTION_KEY,
                        "FANFARE_ACCESS_OPERATOR_KEY",
                        KEY),
                all.toArray(String[]::new));
    }

    /** What the connections of a replica's pool are called in {@code pg_stat_activity}. */
    static String application(Path data) {
        return "fanfare-" + data.getFileName();
    }

    /** The node that a replica is: it says so each time that it registers. */
    static UUID node(PackagedFanfare replica) throws IOException {
        List<String> ids = REGISTERED
                .matcher(replica.output())
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
        return UUID.fromString(ids.get(ids.size() - 1));
    }

    /** Makes subscriptions of a receiver: number n to events of type {@code t.<n mod types>}. */
    static List<UUID> subscribe(PackagedFanfare replica, FlakyReceiver receiver, int count, int types) {
        return IntStream.range(0, count)
                .mapToObj(n -> subscribe(replica, receiver.url("/" + n), n % types))
                .toList();
    }

    static UUID subscribe(PackagedFanfare replica, String sink, int type) {
        String id = replica.as(KEY)
                .body("""
                        {"protocol":"HTTP","sink":"%s","types":["t.%d"],
                         "protocolsettings":{"contentmode":"binary","maxinflight":3,
                          "retry":{"schedule":["PT0.2S","PT0.4S","PT0.8S","PT1S","PT1S"]}}}""".formatted(sink, type))
                .post("/v1/subscriptions")
                .then()
                .statusCode(201)
                .extract()
                .path("id");
        return TypeId.parse("sub", id);
    }
}
