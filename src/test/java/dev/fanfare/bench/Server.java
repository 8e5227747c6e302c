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
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.postgresql.ds.PGSimpleDataSource;

/** The server under test, started as a user starts it, with its embedded Postgres in a data directory of its own. */
final class Server implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path ARCHIVE = Path.of("target", "quarkus-app", "fanfare.jsa");

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Path data;
    private final PackagedFanfare process;
    /** From the start of the process until it said that it is ready. */
    final Duration startToReady;

    private final int port;

    private Server(Path data, int port, PackagedFanfare process, Duration startToReady) {
        this.data = data;
        this.port = port;
        this.process = process;
        this.startToReady = startToReady;
    }

    /** Starts {@code java <options> -Dquarkus.profile=local -XX:SharedArchiveFile=… -jar quarkus-run.jar} and waits until it is ready. */
    static Server start(Path data, String... options) throws IOException, InterruptedException {
        return start(data, Receiver.freePort(), Map.of(), options);
    }

    /** Starts it with settings in the environment, such as an external database. */
    static Server start(Path data, int port, Map<String, String> environment, String... options)
            throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(options));
        all.add("-Dquarkus.http.port=" + port);
        all.add("-Dquarkus.profile=local");
        all.add("-XX:SharedArchiveFile=" + ARCHIVE.toAbsolutePath());
        long start = System.nanoTime();
        PackagedFanfare process = PackagedFanfare.start(data, environment, all.toArray(String[]::new));
        awaitReady(process);
        return new Server(data, port, process, Duration.ofNanos(System.nanoTime() - start));
    }

    /** Starts a stopped or killed one again in its data directory, on its port. */
    Server again(String... options) throws IOException, InterruptedException {
        return start(data, port, Map.of(), options);
    }

    private static void awaitReady(PackagedFanfare process) throws IOException, InterruptedException {
        long end = System.nanoTime() + START_LIMIT.toNanos();
        while (!isReady(process)) {
            if (System.nanoTime() > end || !process.process().isAlive()) {
                throw new IllegalStateException("The server does not start: " + process.output());
            }
            Thread.sleep(10);
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
        return process.operatorKey();
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
        return Files.readAllLines(data.resolve("pg/postmaster.pid")).get(line).strip();
    }

    /** A connection beside the server's own, as superuser. */
    Connection connect() throws SQLException, IOException {
        return dataSource("postgres").getConnection();
    }

    /** Opens connections beside the server's own, as superuser. */
    PGSimpleDataSource dataSource(String database) throws IOException {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl("jdbc:postgresql://127.0.0.1:" + postmaster(3) + "/" + database);
        source.setUser("fanfare");
        source.setPassword(Files.readString(data.resolve("pg-password")).strip());
        source.setCurrentSchema("fanfare");
        source.setBinaryTransferEnable("UUID_ARRAY,TIMESTAMPTZ_ARRAY");
        return source;
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
}
