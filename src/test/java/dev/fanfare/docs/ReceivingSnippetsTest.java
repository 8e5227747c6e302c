package dev.fanfare.docs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fanfare.signing.Signatures;
import dev.fanfare.signing.WebhookSecret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The functions printed in docs/receiving.md verify what Fanfare signs, and nothing else. A code block marked {@code core}
 * holds such a function; each runs in a process of its own language, with a few lines around it that read the arguments.
 */
class ReceivingSnippetsTest {
    private static final Path PAGE = Path.of("docs/receiving.md");
    private static final WebhookSecret SECRET = WebhookSecret.generate();
    private static final String ID = "dlv_01h455vb4pex5vsknk084sn02q";
    private static final byte[] BODY = "{\"type\":\"a\",\"data\":\"ä€😀\"}\r\n".getBytes(UTF_8);

    @TempDir
    Path dir;

    enum Language {
        JS("js", "node"),
        PYTHON("python", "python3"),
        JAVA("java", Path.of(System.getProperty("java.home"), "bin", "java").toString()),
        GO("go", "go");

        final String fence;
        final String runtime;

        Language(String fence, String runtime) {
            this.fence = fence;
            this.runtime = runtime;
        }
    }

    record Webhook(String name, boolean genuine, String id, long timestamp, String signatures, byte[] body) {
        /** As the programs around the functions read it. */
        String line() {
            return String.join(
                    "\t",
                    id,
                    Long.toString(timestamp),
                    signatures,
                    Base64.getEncoder().encodeToString(body));
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_printed_function_takes_what_is_genuine_and_nothing_else(Language language) throws Exception {
        // Node, Python and Go are no part of the build: a machine that has only a JDK tests Java alone
        assumeTrue(isInstalled(language.runtime), () -> language.runtime + " is not installed here");
        List<String> command = new ArrayList<>(program(language));
        command.add(SECRET.text());
        List<Webhook> webhooks = webhooks();
        byte[] lines =
                webhooks.stream().map(Webhook::line).collect(joining("\n")).getBytes(UTF_8);

        List<String> answers = run(command, lines).lines().toList();

        assertThat(answers).hasSameSizeAs(webhooks);
        for (int i = 0; i < webhooks.size(); i++) {
            assertThat(answers.get(i))
                    .as("%s: %s", language, webhooks.get(i).name)
                    .isEqualToIgnoringCase(Boolean.toString(webhooks.get(i).genuine));
        }
    }

    @Test
    void every_language_has_one_core_and_glue_for_its_framework() throws Exception {
        assertThat(Pattern.compile("(?m)^```(\\w+ \\w+)$")
                        .matcher(Files.readString(PAGE))
                        .results()
                        .map(fence -> fence.group(1)))
                .containsExactly(
                        "js core",
                        "js express",
                        "python core",
                        "python flask",
                        "java core",
                        "java spring",
                        "go core",
                        "go server");
    }

    private static List<Webhook> webhooks() {
        long now = System.currentTimeMillis() / 1000;
        byte[] tampered = BODY.clone();
        tampered[2] ^= 1;
        String good = sign(now, SECRET);
        String other = sign(now, WebhookSecret.generate());
        return List.of(
                new Webhook("genuine", true, ID, now, good, BODY),
                new Webhook("rotated, ours first", true, ID, now, good + " " + other, BODY),
                new Webhook("rotated, ours last", true, ID, now, other + " " + good, BODY),
                new Webhook("an entry of a later scheme", true, ID, now, "v1a,AAAA " + good, BODY),
                new Webhook("two minutes old", true, ID, now - 120, sign(now - 120, SECRET), BODY),
                new Webhook("expired", false, ID, now - 400, sign(now - 400, SECRET), BODY),
                new Webhook("from the future", false, ID, now + 400, sign(now + 400, SECRET), BODY),
                new Webhook("tampered body", false, ID, now, good, tampered),
                new Webhook("tampered id", false, ID + "x", now, good, BODY),
                new Webhook("tampered time", false, ID, now + 1, good, BODY),
                new Webhook("another secret", false, ID, now, other, BODY),
                new Webhook("cut short", false, ID, now, good.substring(0, 20), BODY),
                new Webhook("empty signature", false, ID, now, "", BODY),
                new Webhook("empty entry", false, ID, now, "v1,", BODY));
    }

    private static String sign(long timestamp, WebhookSecret secret) {
        return Signatures.sign(List.of(secret), ID, timestamp, BODY);
    }

    /** Writes the function and a main around it that reads webhooks, one a line; answers the command that takes the secret. */
    private List<String> program(Language language) throws Exception {
        String core = block(language.fence + " core");
        return switch (language) {
            case JS -> {
                String main = """
                        const lines = require("node:fs").readFileSync(0, "utf8").split("\\n");
                        for (const [id, timestamp, signatures, body] of lines.map((line) => line.split("\\t"))) {
                          console.log(verify(process.argv[2], id, timestamp, signatures, Buffer.from(body, "base64")));
                        }
                        """;
                yield List.of("node", write("verify.js", core + main));
            }
            case PYTHON -> {
                String main = """

                        import base64, sys
                        for line in sys.stdin.read().split("\\n"):
                            id, timestamp, signatures, body = line.split("\\t")
                            print(verify(sys.argv[1], id, timestamp, signatures, base64.b64decode(body)))
                        """;
                yield List.of("python3", write("verify.py", core + main));
            }
            case JAVA -> {
                String main = """

                        class Main {
                            public static void main(String[] a) throws Exception {
                                for (String line : new String(System.in.readAllBytes(), "UTF-8").split("\\n")) {
                                    String[] w = line.split("\\t", -1);
                                    byte[] body = java.util.Base64.getDecoder().decode(w[3]);
                                    System.out.println(WebhookSignature.verify(a[0], w[0], w[1], w[2], body));
                                }
                            }
                        }
                        """;
                String javac =
                        Path.of(System.getProperty("java.home"), "bin", "javac").toString();
                run(List.of(javac, "-d", dir.toString(), write("WebhookSignature.java", core + main)), new byte[0]);
                yield List.of(language.runtime, "-Xshare:auto", "-cp", dir.toString(), "Main");
            }
            case GO -> {
                String main = """
                        package main

                        import ("encoding/base64"; "fmt"; "io"; "os"; "strings")

                        func main() {
                            all, _ := io.ReadAll(os.Stdin)
                            for _, line := range strings.Split(string(all), "\\n") {
                                w := strings.Split(line, "\\t")
                                body, _ := base64.StdEncoding.DecodeString(w[3])
                                fmt.Println(verify(os.Args[1], w[0], w[1], w[2], body))
                            }
                        }
                        """;
                String program = dir.resolve("verify").toString();
                String core1 = write("verify.go", core);
                run(List.of("go", "build", "-o", program, core1, write("main.go", main)), new byte[0]);
                yield List.of(program);
            }
        };
    }

    private String write(String name, String source) throws IOException {
        return Files.writeString(dir.resolve(name), source).toString();
    }

    private static String block(String mark) throws IOException {
        List<String> blocks = Pattern.compile("(?ms)^```" + mark + "\n(.*?)^```$")
                .matcher(Files.readString(PAGE))
                .results()
                .map((MatchResult result) -> result.group(1))
                .toList();
        assertThat(blocks).as("code blocks marked %s", mark).hasSize(1);
        return blocks.get(0);
    }

    private static boolean isInstalled(String program) throws IOException, InterruptedException {
        try {
            String flag = program.equals("go") ? "version" : "--version";
            return new ProcessBuilder(program, flag)
                            .redirectErrorStream(true)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException notFound) {
            return false;
        }
    }

    private String run(List<String> command, byte[] stdin) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(dir.toFile()).redirectErrorStream(true);
        builder.environment().put("GOTOOLCHAIN", "local");
        builder.environment().put("GOFLAGS", "");
        Process process = builder.start();
        try (var in = process.getOutputStream()) {
            in.write(stdin);
        }
        String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }
}
