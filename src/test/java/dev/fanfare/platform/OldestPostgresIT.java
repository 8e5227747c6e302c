package dev.fanfare.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fanfare.testing.FakeSink;
import dev.fanfare.testing.PackagedFanfare;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged jar on an operator's own Postgres of the oldest version that it takes. */
class OldestPostgresIT {
    private static final String KEY = "an-operators-key-of-32-characters-or-more";

    @TempDir
    Path temporary;

    private PostgresBinaries binaries;
    private Path cluster;
    private int port;

    @BeforeEach
    void startPostgres() throws Exception {
        // its binaries for other machines are not fetched: each is 10 MB more for a test whose subject is the SQL
        assumeTrue(
                PostgresBinaries.archive().equals("postgres-linux-x86_64.txz"), "the build brings it for linux-amd64");
        Path home = temporary.resolve("postgres");
        unpack(home);
        binaries = PostgresBinaries.at(home);
        cluster = temporary.resolve("cluster");
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        run("initdb", "-D", cluster.toString(), "--username=fanfare", "--auth=trust", "--encoding=UTF8", "--no-locale");
        run(
                "pg_ctl",
                "start",
                "-D",
                cluster.toString(),
                "--wait",
                "--log=" + temporary.resolve("postgres.log"),
                "--options=-p " + port + " -c listen_addresses=127.0.0.1 -c unix_socket_directories=");
    }

    @AfterEach
    void stopPostgres() throws Exception {
        if (cluster != null) {
            run("pg_ctl", "stop", "-D", cluster.toString(), "--mode=immediate", "--wait");
        }
    }

    @Test
    void events_are_accepted_and_delivered_on_postgres_14() throws Exception {
        assertThat(cluster.resolve("PG_VERSION")).hasContent(Integer.toString(ServerCheck.OLDEST));
        Map<String, String> environment = Map.of(
                "QUARKUS_DATASOURCE_JDBC_URL",
                "jdbc:postgresql://127.0.0.1:" + port + "/postgres",
                "QUARKUS_DATASOURCE_USERNAME",
                "fanfare",
                "QUARKUS_DATASOURCE_PASSWORD",
                "any",
                "FANFARE_ACCESS_OPERATOR_KEY",
                KEY);
        Path data = temporary.resolve("data");
        try (FakeSink sink = FakeSink.start();
                PackagedFanfare fanfare = PackagedFanfare.start(data, environment, "-Dquarkus.profile=local")
                        .awaitReady()) {
            fanfare.as(KEY)
                    .body("{\"protocol\":\"HTTP\",\"sink\":\"" + sink.url("/hook") + "\"}")
                    .post("/v1/subscriptions")
                    .then()
                    .statusCode(201);
            fanfare.as(KEY)
                    .headers("ce-specversion", "1.0", "ce-id", "1", "ce-source", "/shop", "ce-type", "com.example.sold")
                    .body("{}")
                    .post("/v1/events")
                    .then()
                    .statusCode(202);
            assertThat(sink.awaitRequests(1).get(0).text()).contains("\"id\":\"1\"", "\"source\":\"/shop\"");
            assertThat(data.resolve("pg")).doesNotExist();
            assertThat(fanfare.terminate()).isZero();
        }
    }

    private static void unpack(Path home) throws IOException {
        Path jar;
        try (Stream<Path> found = Files.list(Path.of("target", "oldest-postgres"))) {
            jar = found.findFirst().orElseThrow();
        }
        try (FileSystem zip = FileSystems.newFileSystem(jar);
                InputStream archive = Files.newInputStream(zip.getPath(PostgresBinaries.archive()))) {
            PostgresBinaries.unpack(archive, home);
        }
    }

    private void run(String program, String... arguments) throws IOException, InterruptedException {
        Path output = temporary.resolve(program + ".log");
        assertThat(binaries.run(output, temporary, program, arguments))
                .as(Files.readString(output))
                .isZero();
    }
}
