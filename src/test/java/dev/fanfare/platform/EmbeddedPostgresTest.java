package dev.fanfare.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresTest {
    /** Unpacked once, linked into each test's directory: unpacking costs seconds. */
    @TempDir
    static Path shared;

    @TempDir
    Path temporary;

    private DataDirectory directory;

    @BeforeAll
    static void unpack() throws IOException {
        PostgresBinaries.in(shared);
    }

    @BeforeEach
    void open() throws IOException {
        directory = DataDirectory.open(temporary.resolve("data"));
        String binaries = "pg-bin-" + PostgresBinaries.VERSION;
        Files.createSymbolicLink(directory.path().resolve(binaries), shared.resolve(binaries));
    }

    @AfterEach
    void close() {
        directory.close();
        processes().forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void the_archive_holds_the_version_that_the_code_names() throws Exception {
        Path output = temporary.resolve("version");
        PostgresBinaries.in(directory.path()).run(output, temporary, "postgres", "--version");
        assertThat(Files.readString(output).strip() + ".0").endsWith(" " + PostgresBinaries.VERSION);
    }

    @Test
    void what_was_written_survives_only_with_these_settings() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory)) {
            for (String setting : List.of("fsync", "full_page_writes", "synchronous_commit", "data_checksums")) {
                assertThat(ask(postgres, "show " + setting)).as(setting).isEqualTo("on");
            }
            assertThat(ask(postgres, "show listen_addresses")).isEqualTo("127.0.0.1");
            assertThat(ask(postgres, "show unix_socket_directories")).isEmpty();
            assertThat(ask(postgres, "show server_encoding")).isEqualTo("UTF8");
            assertThat(ask(postgres, "select datcollate from pg_database where datname = 'postgres'"))
                    .isEqualTo("C");
            assertThat(ask(postgres, "select string_agg(distinct auth_method, ',') from pg_hba_file_rules"))
                    .isEqualTo("scram-sha-256");
        }
        assertThat(processes()).isEmpty();
    }

    @Test
    void nobody_else_may_look_into_the_directory() throws IOException {
        EmbeddedPostgres.start(directory).close();
        for (String private700 : List.of(".", "pg")) {
            assertThat(mode(directory.path().resolve(private700)))
                    .as(private700)
                    .isEqualTo("rwx------");
        }
        assertThat(mode(directory.path().resolve("pg-password"))).isEqualTo("rw-------");
        assertThat(mode(shared.resolve("pg-bin-" + PostgresBinaries.VERSION))).isEqualTo("rwx------");
    }

    @Test
    void a_wrong_password_is_refused() {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory)) {
            assertThatThrownBy(() -> DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), "wrong"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).startsWith("28"));
        }
    }

    @Test
    void a_server_that_dies_comes_back_on_the_same_port_with_the_same_data() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory)) {
            ask(postgres, "create table kept as select 42 as answer");
            long killed = postgres.pid();
            ProcessHandle.of(killed).orElseThrow().destroyForcibly();
            Awaitility.await().atMost(Duration.ofSeconds(60)).ignoreExceptions().untilAsserted(() -> {
                assertThat(postgres.pid()).isNotEqualTo(killed);
                assertThat(ask(postgres, "select answer from kept")).isEqualTo("42");
            });
        }
    }

    @Test
    void an_orphan_of_a_killed_fanfare_is_stopped_and_its_data_found() throws Exception {
        EmbeddedPostgres orphan = EmbeddedPostgres.start(directory);
        ask(orphan, "create table kept as select 42 as answer");
        long pid = orphan.pid();
        orphan.abandon();
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory)) {
            assertThat(postgres.pid()).isNotEqualTo(pid);
            assertThat(ask(postgres, "select answer from kept")).isEqualTo("42");
        }
    }

    @Test
    void a_process_id_that_now_belongs_to_a_stranger_is_no_server_and_is_left_alone() throws Exception {
        EmbeddedPostgres.start(directory).close();
        Process stranger = new ProcessBuilder("sleep", "600").start();
        try {
            Files.writeString(
                    directory.path().resolve("pg/postmaster.pid"),
                    stranger.pid() + "\n" + directory.path().resolve("pg") + "\n");
            try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory)) {
                assertThat(ask(postgres, "select 1")).isEqualTo("1");
            }
            assertThat(stranger.isAlive()).isTrue();
        } finally {
            stranger.destroyForcibly();
        }
    }

    @Test
    void an_initialization_that_was_killed_is_begun_again() throws Exception {
        Path aside = directory.path().resolve("pg.new");
        directory.keep("pg-password", "whatever it was");
        Files.createDirectories(aside.resolve("base"));
        Files.writeString(aside.resolve("PG_VERSION"), PostgresBinaries.MAJOR);
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(directory)) {
            assertThat(ask(postgres, "select 1")).isEqualTo("1");
        }
        assertThat(aside).doesNotExist();
    }

    @Test
    void data_of_another_major_version_is_refused_with_the_way_out() throws IOException {
        Path cluster = Files.createDirectories(directory.path().resolve("pg"));
        Files.writeString(cluster.resolve("PG_VERSION"), "17\n");
        assertThatThrownBy(() -> EmbeddedPostgres.start(directory))
                .isInstanceOf(StartRefused.class)
                .hasMessageContainingAll(cluster.toString(), "17", PostgresBinaries.MAJOR, "pg_dump");
        assertThat(cluster.resolve("PG_VERSION")).hasContent("17\n");
    }

    @Test
    void a_directory_that_is_no_cluster_is_not_touched() throws IOException {
        Path cluster = Files.createDirectories(directory.path().resolve("pg"));
        Files.writeString(cluster.resolve("diary"), "mine");
        assertThatThrownBy(() -> EmbeddedPostgres.start(directory))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("not a Postgres cluster");
        assertThat(cluster.resolve("diary")).hasContent("mine");
    }

    private List<ProcessHandle> processes() {
        return new PostgresProcesses(directory.path().resolve("pg")).living();
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static String ask(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (Connection c = DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                Statement s = c.createStatement()) {
            if (!s.execute(sql)) {
                return "";
            }
            try (ResultSet r = s.getResultSet()) {
                return r.next() ? r.getString(1) : "";
            }
        }
    }
}
