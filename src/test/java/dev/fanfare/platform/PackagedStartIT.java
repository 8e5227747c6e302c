package dev.fanfare.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import dev.fanfare.testing.PackagedFanfare;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged jar, started in every way that an operator may get wrong. */
class PackagedStartIT {
    @TempDir
    static Path shared;

    /** Stands for the operator's own Postgres. */
    private static EmbeddedPostgres external;

    private static DataDirectory externalDirectory;

    @TempDir
    Path temporary;

    @BeforeAll
    static void startExternal() {
        externalDirectory = DataDirectory.open(shared.resolve("external"));
        external = EmbeddedPostgres.start(externalDirectory);
    }

    @AfterAll
    static void stopExternal() {
        external.close();
        externalDirectory.close();
    }

    @Test
    void with_nothing_prepared_it_starts_and_its_data_survives_kill_9_of_both_processes() throws Exception {
        String encryptionKey;
        try (PackagedFanfare first =
                PackagedFanfare.startPlainly(data(), Map.of()).awaitReady()) {
            first.awaitOutput("curl -i " + first.address());
            encryptionKey = Files.readString(data().resolve("encryption.key"));
            assertThat(first.output())
                    .contains(Files.readString(data().resolve("operator.key")).strip());
            ProcessHandle postgres = ProcessHandle.of(processes().recorded()).orElseThrow();
            first.kill();
            postgres.destroyForcibly();
        }
        try (PackagedFanfare second = PackagedFanfare.start(data(), Map.of()).awaitReady()) {
            assertThat(Files.readString(data().resolve("encryption.key"))).isEqualTo(encryptionKey);
            assertThat(second.awaitOutput("Fanfare is ready").output())
                    .doesNotContain(
                            Files.readString(data().resolve("operator.key")).strip());
            second.kill();
        }
        assertThat(processes().serverLives()).isTrue();
        try (PackagedFanfare third = PackagedFanfare.start(data(), Map.of()).awaitReady()) {
            assertThat(third.terminate()).isZero();
        }
        assertThat(processes().living()).isEmpty();
    }

    @Test
    void its_classes_come_out_of_the_archive_that_packaging_has_made() throws Exception {
        sql("create database archived");
        Path archive = Path.of("target", "quarkus-app", "fanfare.jsa").toAbsolutePath();
        try (PackagedFanfare fanfare = PackagedFanfare.start(
                data(),
                externalDatabase("archived", external.password()),
                "-XX:+UseParallelGC",
                "-XX:SharedArchiveFile=" + archive,
                "-Xlog:class+load")) {
            fanfare.awaitReady();
            assertThat(fanfare.output())
                    .contains("dev.fanfare.dispatch.Engine source: shared objects file (top)")
                    .contains("org.hibernate.internal.SessionFactoryImpl source: shared objects file (top)");
        }
    }

    @Test
    void on_a_disk_that_is_nearly_full_events_are_refused_and_everything_else_goes_on() throws Exception {
        try (PackagedFanfare fanfare = PackagedFanfare.start(
                        data(), Map.of(), "-Dfanfare.ingest.min-free-disk=1000000G")
                .awaitReady()) {
            fanfare.asOperator()
                    .contentType("application/cloudevents+json")
                    .body("{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/disk\",\"type\":\"t\"}")
                    .post("/v1/events")
                    .then()
                    .statusCode(503)
                    .header("Retry-After", "30")
                    .body("code", equalTo("unavailable"))
                    .body("detail", equalTo("The server's disk is nearly full"));
            fanfare.asOperator().get("/v1/subscriptions").then().statusCode(200);
            assertThat(fanfare.output()).contains("new events are refused (503) until there is more");
        }
    }

    @Test
    void a_second_start_on_the_same_directory_is_refused_and_disturbs_nothing() throws Exception {
        try (PackagedFanfare first = PackagedFanfare.start(data(), Map.of()).awaitReady();
                PackagedFanfare second = PackagedFanfare.start(data(), Map.of())) {
            assertThat(second.awaitEnd()).isEqualTo(1);
            assertThat(second.output())
                    .contains("Another Fanfare is running in the data directory " + data().toRealPath());
            assertThat(first.health("ready").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void a_postgres_that_dies_alone_comes_back_by_itself() throws Exception {
        try (PackagedFanfare fanfare = PackagedFanfare.start(data(), Map.of()).awaitReady()) {
            long killed = processes().recorded();
            ProcessHandle.of(killed).orElseThrow().destroyForcibly();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> processes().recorded() != killed);
            fanfare.awaitReady();
        }
    }

    @Test
    void an_absent_database_is_waited_for_and_said() throws Exception {
        try (PackagedFanfare fanfare = PackagedFanfare.start(data(), externalDatabase("late", external.password()))) {
            fanfare.awaitNotReady("3D000");
            fanfare.awaitOutput("Not ready: the database does not answer");
            sql("create database late");
            fanfare.awaitReady();
            assertThat(data().resolve("pg")).doesNotExist();
            assertThat(fanfare.terminate()).isZero();
        }
    }

    @Test
    void a_database_server_that_is_not_there_leaves_it_live_and_not_ready() throws Exception {
        Map<String, String> environment = externalDatabase("postgres", external.password());
        environment.put("QUARKUS_DATASOURCE_JDBC_URL", "jdbc:postgresql://127.0.0.1:1/postgres");
        try (PackagedFanfare fanfare = PackagedFanfare.start(data(), environment)) {
            fanfare.awaitNotReady("the database does not answer");
            assertThat(PackagedFanfare.get(fanfare.address() + "/v1/subscriptions")
                            .statusCode())
                    .isIn(401, 404, 503);
        }
    }

    @Test
    void a_wrong_password_ends_it() throws Exception {
        refused(externalDatabase("postgres", "a-wrong-password"), "QUARKUS_DATASOURCE_PASSWORD");
    }

    @Test
    void a_schema_of_somebody_else_ends_it() throws Exception {
        sql("create database foreign_schema");
        sql("foreign_schema", "create schema fanfare create table diary (entry text)");
        refused(externalDatabase("foreign_schema", external.password()), "was not made by Fanfare; it holds diary");
    }

    @Test
    void a_database_that_may_lose_what_it_acknowledged_is_never_ready() throws Exception {
        sql("create database lax");
        sql("alter database lax set synchronous_commit = off");
        try (PackagedFanfare fanfare = PackagedFanfare.start(data(), externalDatabase("lax", external.password()))) {
            fanfare.awaitNotReady("synchronous_commit");
            fanfare.awaitOutput("may lose what it acknowledges: synchronous_commit");
        }
    }

    @Test
    void another_encryption_key_ends_it() throws Exception {
        sql("create database keyed");
        Map<String, String> environment = externalDatabase("keyed", external.password());
        environment.put("FANFARE_ACCESS_OPERATOR_KEY", "an-operators-key-of-32-characters-or-more");
        environment.put("FANFARE_ENCRYPTION_KEY", Base64.getEncoder().encodeToString(SecretBox.newKey()));
        try (PackagedFanfare first = PackagedFanfare.start(data(), environment).awaitReady()) {
            assertThat(first.terminate()).isZero();
        }
        environment.put("FANFARE_ENCRYPTION_KEY", Base64.getEncoder().encodeToString(SecretBox.newKey()));
        refused(environment, "The encryption key is not the one");
        environment.put("FANFARE_ENCRYPTION_KEY", "no-base64-of-32-bytes");
        refused(environment, "FANFARE_ENCRYPTION_KEY is not the base64 of 32 bytes");
        environment.remove("FANFARE_ENCRYPTION_KEY");
        refused(environment, "this process has no key");
    }

    @Test
    void a_short_operator_key_ends_it() throws Exception {
        refused(
                Map.of("FANFARE_ACCESS_OPERATOR_KEY", "31-characters-are-not-enough-.."),
                "FANFARE_ACCESS_OPERATOR_KEY must have 32");
    }

    /** It ends, has served nobody until then, and says why without a word of what is secret. */
    private void refused(Map<String, String> environment, String message) throws Exception {
        try (PackagedFanfare fanfare = PackagedFanfare.start(data(), environment)) {
            assertThat(answers(fanfare, environment.getOrDefault("FANFARE_ACCESS_OPERATOR_KEY", "none")))
                    .allSatisfy(answer -> assertThat(answer).isEqualTo(503));
            assertThat(fanfare.awaitEnd()).isEqualTo(1);
            String output = fanfare.output();
            assertThat(output).contains("Fanfare does not start. ", message);
            environment.forEach((name, value) -> {
                if (name.endsWith("_KEY") || name.endsWith("_PASSWORD")) {
                    assertThat(output).as(name).doesNotContain(value);
                }
            });
        }
    }

    /** What somebody is answered who asks for as long as it lives, a minute at most. */
    private static List<Integer> answers(PackagedFanfare fanfare, String key) throws Exception {
        List<Integer> answers = new ArrayList<>();
        Instant patience = Instant.now().plusSeconds(60);
        while (fanfare.process().isAlive() && Instant.now().isBefore(patience)) {
            try {
                answers.add(
                        PackagedFanfare.get(fanfare.address() + "/v1/subscriptions", "Authorization", "Bearer " + key)
                                .statusCode());
            } catch (IOException nobodyListens) {
                fanfare.process().waitFor(10, TimeUnit.MILLISECONDS);
            }
        }
        return answers;
    }

    private Path data() {
        return temporary.resolve("data");
    }

    private PostgresProcesses processes() throws IOException {
        return new PostgresProcesses(data().toRealPath().resolve("pg"));
    }

    private static Map<String, String> externalDatabase(String database, String password) {
        Map<String, String> environment = new HashMap<>();
        environment.put("QUARKUS_DATASOURCE_JDBC_URL", url(database));
        environment.put("QUARKUS_DATASOURCE_USERNAME", external.user());
        environment.put("QUARKUS_DATASOURCE_PASSWORD", password);
        return environment;
    }

    private static void sql(String statement) throws SQLException {
        sql("postgres", statement);
    }

    private static void sql(String database, String statement) throws SQLException {
        try (Connection c = DriverManager.getConnection(url(database), external.user(), external.password());
                Statement s = c.createStatement()) {
            s.execute(statement);
        }
    }

    private static String url(String database) {
        return external.jdbcUrl().substring(0, external.jdbcUrl().lastIndexOf('/') + 1) + database;
    }
}
