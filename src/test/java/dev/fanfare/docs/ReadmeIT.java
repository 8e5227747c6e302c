package dev.fanfare.docs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.testing.PackagedFanfare;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pastes every command of the README into two terminals, in order, and looks whether what it says comes. The line that
 * builds is run from its {@code java} on, since the jar is there; the line that runs the tests is not run by a test.
 */
class ReadmeIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    Path clone;

    private int port;
    private int managementPort;
    private int receiverPort;
    private Terminal first;
    private Terminal second;

    @BeforeEach
    void open() throws IOException {
        Files.createSymbolicLink(clone.resolve("target"), Path.of("target").toAbsolutePath());
        Files.createSymbolicLink(clone.resolve("docs"), Path.of("docs").toAbsolutePath());
        port = freePort();
        managementPort = freePort();
        receiverPort = freePort();
        first = new Terminal();
        second = new Terminal();
    }

    @AfterEach
    void close() throws Exception {
        second.end("kill $!");
        first.end("kill %+; wait");
    }

    @Test
    void each_command_does_what_the_readme_says() throws Exception {
        List<String> commands = ReadmeCommands.read();
        assertThat(commands).hasSizeGreaterThan(10);
        for (String command : commands) {
            if (command.equals("./mvnw verify")) {
                continue;
            }
            if (command.contains("-jar target/quarkus-app/quarkus-run.jar")) {
                first.paste(command.substring(command.indexOf("java ")) + " &");
                awaitReady();
            } else if (command.equals("kill -9 %1")) {
                first.paste(command);
                first.paste("wait");
            } else {
                second.paste(command);
                awaitWhatIsSaid(command);
            }
        }
        assertThat(second.output()).doesNotContain("DOES NOT VERIFY", "urn:problem-type");
    }

    private void awaitWhatIsSaid(String command) {
        if (command.contains("Receiver.java")) {
            await("Listening on http://127.0.0.1:" + receiverPort + "/, checking signatures");
        } else if (command.startsWith("SUBSCRIPTION=")) {
            await("\"state\":\"active\"");
        } else if (command.endsWith("/test")) {
            await("attempt 1  dev.fanfare.ping.v1 ", "signature verifies");
        } else if (command.contains("ce-id: A1")) {
            await("attempt 1  com.example.order.created A1  signature verifies");
        } else if (command.contains("state=dead")) {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> {
                        second.forget();
                        second.paste(command);
                        return second.output().split("\"reason\":\"exhausted\"", -1).length == 1 + 3;
                    });
        } else if (command.contains("/v1/replays")) {
            for (int i = 1; i <= 3; i++) {
                await("attempt 4  com.example.order.created B" + i + "  signature verifies");
            }
        } else if (command.endsWith("/resume")) {
            await("attempt 1  com.example.order.created C1  signature verifies");
        } else if (command.contains("ce-id: C1")) {
            assertThat(second.output()).contains("\"state\":\"paused\"").doesNotContain("C1  signature verifies");
        }
    }

    private void await(String... texts) {
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(second.output())
                .contains(texts));
    }

    private void awaitReady() {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .untilAsserted(
                        () -> assertThat(PackagedFanfare.get("http://127.0.0.1:" + managementPort + "/q/health/ready")
                                        .statusCode())
                                .as(first.output())
                                .isEqualTo(200));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** A shell with job control in the directory of the clone. */
    private final class Terminal {
        private static final String DONE = "=== pasted ===";

        private final Process shell;
        private final StringBuffer output = new StringBuffer();

        Terminal() throws IOException {
            ProcessBuilder builder =
                    new ProcessBuilder("bash", "-m").directory(clone.toFile()).redirectErrorStream(true);
            Map<String, String> environment = builder.environment();
            environment.keySet().removeIf(name -> name.startsWith("QUARKUS_") || name.startsWith("FANFARE_"));
            environment.put("QUARKUS_HTTP_PORT", Integer.toString(port));
            environment.put("QUARKUS_MANAGEMENT_PORT", Integer.toString(managementPort));
            environment.put("PATH", Path.of(System.getProperty("java.home"), "bin") + ":" + environment.get("PATH"));
            shell = builder.start();
            Thread reader = new Thread(this::read);
            reader.setDaemon(true);
            reader.start();
        }

        private void read() {
            byte[] buffer = new byte[8192];
            try (InputStream in = shell.getInputStream()) {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    output.append(new String(buffer, 0, n, UTF_8));
                }
            } catch (IOException e) {
                output.append(e);
            }
        }

        /** Types a command, with the ports of this test, and waits for its end. */
        void paste(String command) throws IOException {
            int before = output.length();
            write(command.replace("127.0.0.1:8080", "127.0.0.1:" + port).replace("9000", "" + receiverPort) + "\necho '"
                    + DONE + "'\n");
            Awaitility.await().atMost(PATIENCE).until(() -> output.indexOf(DONE, before) >= 0);
        }

        private void write(String text) throws IOException {
            OutputStream in = shell.getOutputStream();
            in.write(text.getBytes(UTF_8));
            in.flush();
        }

        String output() {
            return output.toString();
        }

        void forget() {
            output.setLength(0);
        }

        void end(String last) throws Exception {
            write(last + "\nexit\n");
            if (!shell.waitFor(60, TimeUnit.SECONDS)) {
                shell.destroyForcibly();
            }
        }
    }
}
