package dev.fanfare.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.postgresql.ds.PGSimpleDataSource;

/** A server under test, started as a user starts it: with its embedded Postgres, or as one more on another one's. */
final class Server implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String USER = "fanfare";
    private static final String POSTMASTER = "pg/postmaster.pid";
    private static final Path ARCHIVE = Path.of("target", "quarkus-app", "fanfare.jsa");

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Path data;
    /** The data directory of the server whose embedded Postgres this one works with. */
    private final Path owner;

    private final PackagedFanfare process;
    /** From the start of the process until it said that it is ready. */
    final Duration startToReady;

    private final int port;

    private Server(Path data, Path owner, int port, PackagedFanfare process, Duration startToReady) {
        this.data = data;
        this.owner = owner;
        this.port = port;
        this.process = process;
        this.startToReady = startToReady;
    }

    /** Starts {@code java <options> -XX:+UseParallelGC -XX:MetaspaceSize=96m -Dquarkus.profile=local -XX:SharedArchiveFile=… -jar quarkus-run.jar} and waits until it is ready. */
    static Server start(Path data, String... options) throws IOException, InterruptedException {
        return start(data, data, Receiver.freePort(), Map.of(), options);
    }

    /** Starts one more in a data directory of its own; this one's Postgres is its external database. */
    Server replica(Path itsData) throws IOException, InterruptedException {
        Map<String, String> environment = Map.of(
                "QUARKUS_DATASOURCE_JDBC_URL",
                url("postgres"),
                "QUARKUS_DATASOURCE_USERNAME",
                USER,
                "QUARKUS_DATASOURCE_PASSWORD",
                read("pg-password"),
                "FANFARE_ENCRYPTION_KEY",
                read("encryption.key"));
        return start(itsData, data, Receiver.freePort(), environment);
    }

    private static Server start(Path data, Path owner, int port, Map<String, String> environment, String... options)
            throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(options));
        all.add("-Dquarkus.http.port=" + port);
        all.add("-XX:+UseParallelGC");
        all.add("-XX:MetaspaceSize=96m");
        all.add("-Dquarkus.profile=local");
        all.add("-XX:SharedArchiveFile=" + ARCHIVE.toAbsolutePath());
        long start = System.nanoTime();
        PackagedFanfare process = PackagedFanfare.start(data, environment, all.toArray(String[]::new));
        try {
            awaitReady(process);
        } catch (IllegalStateException | IOException | InterruptedException failure) {
            process.close();
            throw failure;
        }
        return new Server(data, owner, port, process, Duration.ofNanos(System.nanoTime() - start));
    }

    /** Starts a stopped or killed one again in its data directory, on its port. */
    Server again(String... options) throws IOException, InterruptedException {
        return start(data, data, port, Map.of(), options);
    }

    private static void awaitReady(PackagedFanfare process) throws IOException, InterruptedException {
        long end = System.nanoTime() + START_LIMIT.toNanos();
        while (!isReady(process)) {
            if (System.nanoTime() > end || !process.process().isAlive()) {
                throw new IllegalStateException("The server does not start: " + process.output());
            }
            Thread.sleep(10); // there is nothing to wait on but its answer
        }
    }

    private static boolean isReady(PackagedFanfare process) throws InterruptedException {
        try {
            return process.health("ready").statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    int port() {
        return port;
    }

    String key() throws IOException {
        return read("operator.key");
    }

    private String read(String file) throws IOException {
        return Files.readString(owner.resolve(file)).strip();
    }

    /** The process that was started; Postgres is not its child. */
    long pid() {
        return process.process().pid();
    }

    /** The process of the embedded Postgres. */
    long postgresPid() throws IOException {
        return Long.parseLong(postmaster(0));
    }

    private String postmaster(int line) throws IOException {
        return Files.readAllLines(owner.resolve(POSTMASTER)).get(line).strip();
    }

    /** A connection beside the server's own, as superuser. */
    Connection connect() throws SQLException, IOException {
        return dataSource("postgres").getConnection();
    }

    /** Opens connections beside the server's own, as superuser. */
    PGSimpleDataSource dataSource(String database) throws IOException {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(url(database));
        source.setUser(USER);
        source.setPassword(read("pg-password"));
        source.setCurrentSchema("fanfare");
        source.setBinaryTransferEnable("UUID_ARRAY,TIMESTAMPTZ_ARRAY");
        return source;
    }

    private String url(String database) throws IOException {
        return "jdbc:postgresql://127.0.0.1:" + postmaster(3) + "/" + database;
    }

    /** A setting for {@code postgresql.conf}, as an operator may tune it; it holds from the next start on. */
    void setInPostgres(String setting) throws IOException {
        Files.writeString(data.resolve("pg/postgresql.conf"), setting + "\n", StandardOpenOption.APPEND);
    }

    /** A request of the control plane; anything but 2xx ends the benchmark. */
    String call(String method, String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer " + key())
                .header("Content-Type", "application/json")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IllegalStateException(method + " " + path + ": " + answer.statusCode() + " " + answer.body());
        }
        return answer.body();
    }

    /** Subscribes a sink to events of a type; returns the subscription's id. */
    String subscribe(String type, String sink) throws IOException, InterruptedException {
        String body = "{\"protocol\":\"HTTP\",\"sink\":\"%s\",\"types\":[\"%s\"]}".formatted(sink, type);
        return JSON.readTree(call("POST", "/v1/subscriptions", body)).get("id").asText();
    }

    void unsubscribe(List<String> subscriptions) throws IOException, InterruptedException {
        for (String subscription : subscriptions) {
            call("DELETE", "/v1/subscriptions/" + subscription, "");
        }
    }

    /** SIGKILL for the server alone; its Postgres lives on. */
    void kill() throws IOException, InterruptedException {
        process.kill();
    }

    /** SIGTERM, which stops its Postgres too. */
    @Override
    public void close() {
        process.close();
    }

    /** Ends it and its Postgres, in whatever state they are; the data is not meant to be used again. */
    void discard() throws IOException {
        process.close();
        if (Files.exists(owner.resolve(POSTMASTER))) {
            ProcessHandle.of(postgresPid()).ifPresent(ProcessHandle::destroyForcibly);
        }
    }
}
