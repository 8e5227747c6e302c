package dev.fanfare.docs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.signing.Signatures;
import dev.fanfare.signing.WebhookSecret;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** docs/examples/Receiver.java, started as its own comment says. */
@Timeout(60)
class ReceiverExampleTest {
    private static final WebhookSecret SECRET = WebhookSecret.generate();
    private static final long NOW = System.currentTimeMillis() / 1000;
    private static final String ID = "dlv_01h455vb4pex5vsknk084sn02q";
    private static final String EVENT = """
            {"data":{"id":"not \\"this","type":["nor","this"]},"specversion":"1.0","id":"A1","source":"/shop",
            "number":1,"type":"com.example.order"}""";

    private Process process;
    private BufferedReader output;
    private URI address;

    @AfterEach
    void stop() {
        process.destroy();
    }

    @Test
    void a_genuine_webhook_verifies_and_a_tampered_one_does_not() throws Exception {
        start(SECRET.text());
        assertThat(post(EVENT, sign(SECRET))).isEqualTo(204);
        assertThat(output.readLine()).endsWith(" " + ID + " attempt 3  com.example.order A1  signature verifies");
        assertThat(post(EVENT.replace("A1", "B2"), sign(SECRET))).isEqualTo(401);
        assertThat(output.readLine())
                .endsWith(" " + ID + " attempt 3  com.example.order B2  SIGNATURE DOES NOT VERIFY");
    }

    @Test
    void during_a_rotation_either_secret_verifies() throws Exception {
        start(SECRET.text());
        assertThat(post(EVENT, sign(WebhookSecret.generate(), SECRET))).isEqualTo(204);
        assertThat(output.readLine()).endsWith("signature verifies");
        assertThat(post(EVENT, sign(WebhookSecret.generate()))).isEqualTo(401);
        assertThat(output.readLine()).endsWith("SIGNATURE DOES NOT VERIFY");
    }

    @Test
    void an_old_webhook_does_not_verify() throws Exception {
        start(SECRET.text());
        long old = NOW - 400;
        String signature = Signatures.sign(List.of(SECRET), ID, old, EVENT.getBytes(UTF_8));
        assertThat(post(EVENT, signature, old)).isEqualTo(401);
        assertThat(output.readLine()).endsWith("SIGNATURE DOES NOT VERIFY");
    }

    @Test
    void without_a_secret_nothing_is_checked_and_fail_answers_500() throws Exception {
        start("--fail");
        assertThat(post(EVENT, sign(SECRET))).isEqualTo(500);
        assertThat(output.readLine()).endsWith("com.example.order A1  not checked");
    }

    @Test
    void hostile_bodies_leave_the_receiver_standing_and_its_terminal_alone() throws Exception {
        start("--fail");
        for (String body : List.of("{\"type\":\"\u001b[2J\",\"id", "\"", "{\"type\":\"\\", "", "[".repeat(100_000))) {
            assertThat(post(body, sign(SECRET))).isEqualTo(500);
            assertThat(output.readLine()).endsWith("not checked").doesNotContain("\u001b");
        }
    }

    private void start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "docs/examples/Receiver.java",
                "--port",
                "0"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("WEBHOOK_SECRET");
        process = builder.start();
        output = process.inputReader(UTF_8);
        Matcher line =
                Pattern.compile("Listening on (http://127\\.0\\.0\\.1:\\d+/).*").matcher(output.readLine());
        assertThat(line.matches()).isTrue();
        address = URI.create(line.group(1));
    }

    private static String sign(WebhookSecret... secrets) {
        return Signatures.sign(List.of(secrets), ID, NOW, EVENT.getBytes(UTF_8));
    }

    private int post(String body, String signature) throws Exception {
        return post(body, signature, NOW);
    }

    private int post(String body, String signature, long timestamp) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(address)
                .version(HttpClient.Version.HTTP_1_1)
                .header("content-type", "application/cloudevents+json")
                .header("webhook-id", ID)
                .header("webhook-timestamp", Long.toString(timestamp))
                .header("webhook-signature", signature)
                .header("fanfare-attempt", "3")
                .POST(BodyPublishers.ofString(body))
                .build();
        return HttpClient.newHttpClient()
                .send(request, BodyHandlers.discarding())
                .statusCode();
    }
}
