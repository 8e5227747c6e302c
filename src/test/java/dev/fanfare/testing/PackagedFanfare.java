package dev.fanfare.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.RestAssured;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** The packaged jar as a process of its own, on free ports of this machine. */
public final class PackagedFanfare implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Path APPLICATION = Path.of("target", "quarkus-app").toAbsolutePath();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Process process;
    private final Path data;
    private final Path output;
    private final int port;
    private final int managementPort;

    private PackagedFanfare(Process process, Path data, Path output, int port, int managementPort) {
        this.process = process;
        this.data = data;
        this.output = output;
        this.port = port;
        this.managementPort = managementPort;
    }

    /** Starts it as the README says: profile {@code local}, nothing prepared. */
    public static PackagedFanfare startLocal(Path data, String... options) throws IOException {
        List<String> all = new ArrayList<>(List.of(options));
        all.add("-Dquarkus.profile=local");
        return start(data, Map.of(), all.toArray(String[]::new));
    }

    /**
     * Starts {@code java <options> -jar quarkus-run.jar}, with its data directory in {@code data}: with classes from the
     * archive, compiled no further than pays in a short life, and with a Postgres that another test has unpacked.
     */
    public static PackagedFanfare start(Path data, Map<String, String> environment, String... options)
            throws IOException {
        List<String> all = new ArrayList<>(List.of(
                "-XX:+UseParallelGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:SharedArchiveFile=" + APPLICATION.resolve("fanfare.jsa")));
        // what comes later counts
        all.addAll(List.of(options));
        lendPostgres(data);
        return startPlainly(data, environment, all.toArray(String[]::new));
    }

    /** The programs of Postgres, where a test has unpacked them: that takes a second each time. */
    private static void lendPostgres(Path data) throws IOException {
        for (int number = 1; number <= 8 && !Files.exists(data); number++) {
            Path other = Path.of("target", "test-postgres-" + number).toAbsolutePath();
            if (!Files.isDirectory(other)) {
                return;
            }
            try (Stream<Path> files = Files.list(other)) {
                for (Path programs : files.filter(
                                file -> file.getFileName().toString().matches("pg-bin-[0-9.]+"))
                        .toList()) {
                    Files.createDirectories(data);
                    Files.createSymbolicLink(data.resolve(programs.getFileName()), programs);
                }
            }
        }
    }

    /** The same with nothing prepared and no other options than these. */
    public static PackagedFanfare startPlainly(Path data, Map<String, String> environment, String... options)
            throws IOException {
        int port = freePort();
        int managementPort = freePort();
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.add("-jar");
        command.add(APPLICATION.resolve("quarkus-run.jar").toString());
        Path output = Files.createTempFile(data.toAbsolutePath().getParent(), "fanfare", ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(data.toAbsolutePath().getParent().toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("QUARKUS_") || name.startsWith("FANFARE_"));
        builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
        builder.environment().put("QUARKUS_MANAGEMENT_PORT", Integer.toString(managementPort));
        builder.environment().put("FANFARE_DATA_DIR", data.toString());
        builder.environment().putAll(environment);
        return new PackagedFanfare(builder.start(), data, output, port, managementPort);
    }

    /** A port that was free a moment ago. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** {@code http://127.0.0.1:<port>}. */
    public String address() {
        return "http://127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    public int managementPort() {
        return managementPort;
    }

    /** The key that its first start made beside the embedded Postgres. */
    public String operatorKey() throws IOException {
        return Files.readString(data.resolve("operator.key")).strip();
    }

    /** A request with a JSON body, as the operator whose key the first start made. */
    public RequestSpecification asOperator() throws IOException {
        return as(operatorKey());
    }

    /** A request with a JSON body. */
    public RequestSpecification as(String key) {
        return RestAssured.given()
                .baseUri(address())
                .contentType("application/json")
                .header("Authorization", "Bearer " + key);
    }

    /** All that it has written on stdout and stderr. */
    public String output() throws IOException {
        return Files.readString(output);
    }

    public Process process() {
        return process;
    }

    public PackagedFanfare awaitReady() {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .untilAsserted(() -> {
                    assertThat(process.isAlive()).as(output()).isTrue();
                    assertThat(health("ready").statusCode()).as(output()).isEqualTo(200);
                });
        return this;
    }

    public PackagedFanfare awaitOutput(String text) {
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).untilAsserted(() -> assertThat(
                        output())
                .contains(text));
        return this;
    }

    /** Waits until it is live and says why it is not ready; returns what it says. */
    public String awaitNotReady(String reason) {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .untilAsserted(() -> {
                    assertThat(health("live").statusCode()).isEqualTo(200);
                    HttpResponse<String> ready = health("ready");
                    assertThat(ready.statusCode()).isEqualTo(503);
                    assertThat(ready.body()).contains(reason);
                });
        return reason;
    }

    /** Waits for its end; returns the exit code. */
    public int awaitEnd() throws InterruptedException, IOException {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as(output())
                .isTrue();
        return process.exitValue();
    }

    /** SIGTERM; returns the exit code. */
    public int terminate() throws InterruptedException, IOException {
        process.destroy();
        return awaitEnd();
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException, IOException {
        process.destroyForcibly();
        awaitEnd();
    }

    /** SIGSTOP: it stands still, with all its connections open. */
    public void freeze() throws InterruptedException, IOException {
        signal("STOP");
    }

    /** SIGCONT. */
    public void thaw() throws InterruptedException, IOException {
        signal("CONT");
    }

    private void signal(String name) throws InterruptedException, IOException {
        int exit = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
        assertThat(exit).isZero();
    }

    /** GET on the management interface: {@code ready} or {@code live}. */
    public HttpResponse<String> health(String kind) throws IOException, InterruptedException {
        return get("http://127.0.0.1:" + managementPort + "/q/health/" + kind);
    }

    public static HttpResponse<String> get(String uri, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofSeconds(10));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
