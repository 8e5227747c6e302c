package dev.fanfare;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import dev.fanfare.testing.FakeSink;
import dev.fanfare.testing.FakeSink.Answer;
import dev.fanfare.testing.FakeSink.Request;
import dev.fanfare.testing.PackagedFanfare;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.http.HttpMessageFactory;
import io.cloudevents.http.impl.HttpMessageWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The packaged jar, started as the README says with nothing prepared: from a producer's client to a receiver's library. */
class PackagedAppIT {
    private static final List<String> PAYLOADS =
            List.of("audit-event.json", "push-hook.json", "pipeline-hook.json", "project-create.json");

    @TempDir
    static Path shared;

    private static PackagedFanfare fanfare;

    private FakeSink sink;

    private enum Mode {
        STRUCTURED,
        BINARY
    }

    private record Subscription(String id, String secret) {}

    @BeforeAll
    static void start() throws IOException {
        fanfare = PackagedFanfare.startLocal(shared.resolve("data")).awaitReady();
    }

    @AfterAll
    static void stop() {
        fanfare.close();
    }

    @BeforeEach
    void listen() {
        sink = FakeSink.start();
    }

    @AfterEach
    void stopListening() throws IOException {
        List<String> ids = fanfare.asOperator()
                .get("/v1/subscriptions")
                .jsonPath()
                .getList("findAll { it.sink.contains(':" + sink.port() + "/') }.id");
        for (String id : ids) {
            fanfare.asOperator().delete("/v1/subscriptions/" + id);
        }
        sink.close();
    }

    @ParameterizedTest
    @EnumSource
    void payloads_sent_by_the_cloudevents_client_arrive_verified_and_byte_for_byte(Mode mode) throws Exception {
        Subscription structured = subscribe(fanfare, "/structured", "\"contentmode\":\"structured\"");
        Subscription binary = subscribe(fanfare, "/binary", "\"contentmode\":\"binary\"");
        Map<String, byte[]> sent = new HashMap<>();
        for (String payload : PAYLOADS) {
            CloudEvent event = event(mode + "-" + payload, payload);
            sent.put(event.getId(), bytes(payload));
            assertThat(send(fanfare, event, mode)).isEqualTo(202);
        }
        sink.awaitRequests(2 * PAYLOADS.size());

        assertThat(sink.requests("/structured")).hasSize(PAYLOADS.size()).allSatisfy(request -> {
            verify(structured, request);
            CloudEvent received = read(request);
            assertThat(request.text()).contains("\"data\":" + new String(sent.get(received.getId()), UTF_8));
            assertAttributes(received);
        });
        assertThat(sink.requests("/binary")).hasSize(PAYLOADS.size()).allSatisfy(request -> {
            verify(binary, request);
            CloudEvent received = read(request);
            assertThat(request.body()).isEqualTo(sent.get(received.getId()));
            assertAttributes(received);
        });
        Request tampered = sink.requests("/binary").get(0);
        assertThatThrownBy(() -> new Webhook(binary.secret()).verify(tampered.text() + " ", headers(tampered)))
                .isInstanceOf(WebhookVerificationException.class);
    }

    @Test
    void what_waited_when_it_was_killed_arrives_after_the_next_start(@TempDir Path own) throws Exception {
        Set<String> expected = new HashSet<>();
        Subscription subscription;
        try (PackagedFanfare first =
                PackagedFanfare.startLocal(own.resolve("data")).awaitReady()) {
            subscription =
                    subscribe(first, "/hook", "\"retry\":{\"schedule\":[" + "\"PT1S\",".repeat(49) + "\"PT1S\"]}");
            sink.stop();
            for (int i = 0; i < 30; i++) {
                CloudEvent event = event("waiting-" + i, "audit-event.json");
                assertThat(send(first, event, Mode.values()[i % 2])).isEqualTo(202);
                expected.add(event.getId());
            }
            first.kill();
        }
        sink.restart();
        try (PackagedFanfare second =
                PackagedFanfare.startLocal(own.resolve("data")).awaitReady()) {
            sink.awaitRequests(expected.size());
            assertThat(second.terminate()).isZero();
        }

        assertThat(sink.requests()).allSatisfy(request -> verify(subscription, request));
        assertThat(sink.requests().stream().map(PackagedAppIT::read).map(CloudEvent::getId))
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void what_died_is_listed_replayed_and_delivered() throws Exception {
        Subscription subscription = subscribe(fanfare, "/hook", "\"retry\":{\"schedule\":[\"PT0S\"]}");
        sink.on("/hook", Answer.status(500));
        assertThat(send(fanfare, event("dying", "audit-event.json"), Mode.STRUCTURED))
                .isEqualTo(202);
        awaitOne("dead", subscription);

        sink.on("/hook", Answer.status(200));
        fanfare.asOperator().body("{}").post("/v1/replays").then().statusCode(202);
        awaitOne("delivered", subscription);

        List<Request> attempts = sink.requests();
        assertThat(attempts)
                .extracting(request -> request.header("fanfare-attempt"))
                .containsExactly("1", "2", "3");
        assertThat(attempts)
                .extracting(request -> request.header("webhook-id"))
                .containsOnly(attempts.get(0).header("webhook-id"));
        assertThat(attempts.get(2).header("fanfare-replay")).startsWith("rpl_");
        verify(subscription, attempts.get(2));
    }

    private static void awaitOne(String state, Subscription subscription) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> fanfare.asOperator()
                        .get("/v1/deliveries?state=" + state + "&subscription=" + subscription.id())
                        .then()
                        .statusCode(200)
                        .body("size()", equalTo(1)));
    }

    @Test
    void the_banners_curl_line_works_when_it_is_pasted() throws Exception {
        MatchResult line = Pattern.compile("Try it +(curl .*?)\\n\\n", Pattern.DOTALL)
                .matcher(fanfare.awaitOutput("Fanfare is ready.").output())
                .results()
                .findFirst()
                .orElseThrow();
        Process shell = new ProcessBuilder("bash", "-c", line.group(1)).start();
        shell.getOutputStream().close();
        String answer = new String(shell.getInputStream().readAllBytes(), UTF_8);

        assertThat(shell.waitFor()).isZero();
        assertThat(answer).contains("202 Accepted", "\"id\":\"1\",\"source\":\"/hello\"");
    }

    @Test
    void both_ports_listen_on_loopback_only() throws Exception {
        for (int port : new int[] {fanfare.port(), fanfare.managementPort()}) {
            new Socket("127.0.0.1", port).close();
            // Linux answers on every address of 127/8 where a server listens on all of them
            assertThatThrownBy(() -> new Socket("127.0.0.2", port).close()).isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void without_the_profile_only_https_on_public_addresses_is_taken(@TempDir Path own) throws Exception {
        try (PackagedFanfare closed =
                PackagedFanfare.start(own.resolve("data"), Map.of()).awaitReady()) {
            for (String address :
                    List.of("http://receiver.example/", "https://127.0.0.1:9000/", sink.url("/"), "https://[::1]/")) {
                closed.asOperator()
                        .body("{\"protocol\":\"HTTP\",\"sink\":\"" + address + "\"}")
                        .post("/v1/subscriptions")
                        .then()
                        .statusCode(400)
                        .body("errors.pointer", contains("/sink"));
            }
            assertThat(closed.output()).doesNotContain("Profile local");
        }
        assertThat(sink.connections()).isZero();
    }

    @Test
    void the_profile_is_said_loudly_in_the_log() throws Exception {
        assertThat(fanfare.output())
                .contains("WARN  [dev.fanfare.platform.Fanfare] (main) Profile local: sinks may be");
    }

    private Subscription subscribe(PackagedFanfare server, String path, String settings) throws IOException {
        var created = server.asOperator()
                .body("{\"protocol\":\"HTTP\",\"sink\":\"" + sink.url(path)
                        + "\",\"source\":\"https://gitlab.example.com\"," + "\"protocolsettings\":{" + settings + "}}")
                .post("/v1/subscriptions")
                .then()
                .statusCode(201)
                .extract();
        return new Subscription(created.path("id"), created.path("protocolsettings.secret"));
    }

    private static CloudEvent event(String id, String payload) throws IOException {
        return CloudEventBuilder.v1()
                .withId(id)
                .withSource(URI.create("https://gitlab.example.com"))
                .withType("com.gitlab." + payload.replace(".json", "") + ".v1")
                .withSubject("example-group/example-project")
                .withTime(OffsetDateTime.parse("2026-03-01T05:43:53.662Z"))
                .withExtension("authorid", -3)
                .withExtension("rootnamespace", "example-group")
                .withData("application/json", bytes(payload))
                .build();
    }

    private static void assertAttributes(CloudEvent received) {
        assertThat(received.getSource()).hasToString("https://gitlab.example.com");
        assertThat(received.getSubject()).isEqualTo("example-group/example-project");
        assertThat(received.getTime()).isEqualTo(OffsetDateTime.parse("2026-03-01T05:43:53.662Z"));
        assertThat(received.getExtension("authorid")).hasToString("-3");
        assertThat(received.getExtension("rootnamespace")).isEqualTo("example-group");
        assertThat(received.getDataContentType()).isEqualTo("application/json");
    }

    private static byte[] bytes(String payload) throws IOException {
        // a file's last line feed is no part of the JSON value
        return Files.readString(Path.of("src/test/resources/gitlab", payload))
                .strip()
                .getBytes(UTF_8);
    }

    /** Sends it with the CloudEvents SDK over a plain connection; returns the status. */
    private static int send(PackagedFanfare server, CloudEvent event, Mode mode) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create(server.address() + "/v1/events").toURL().openConnection();
        connection.setRequestMethod("POST");
        connection.setDoOutput(true);
        connection.setRequestProperty("Authorization", "Bearer " + server.operatorKey());
        HttpMessageWriter writer =
                HttpMessageFactory.createWriter(connection::setRequestProperty, body -> write(connection, body));
        if (mode == Mode.BINARY) {
            writer.writeBinary(event);
        } else {
            writer.writeStructured(event, "application/cloudevents+json");
        }
        return connection.getResponseCode();
    }

    private static void write(HttpURLConnection connection, byte[] body) {
        try (OutputStream out = connection.getOutputStream()) {
            out.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static CloudEvent read(Request request) {
        return HttpMessageFactory.createReader(
                        each -> request.headers().forEach(header -> each.accept(header.getKey(), header.getValue())),
                        request.body())
                .toEvent();
    }

    private static void verify(Subscription subscription, Request request) {
        try {
            new Webhook(subscription.secret()).verify(request.text(), headers(request));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, List<String>> headers(Request request) {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        request.headers().forEach(header -> headers.put(header.getKey(), List.of(header.getValue())));
        return headers;
    }
}
