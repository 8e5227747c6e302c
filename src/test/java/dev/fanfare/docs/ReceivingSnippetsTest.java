package dev.fanfare.docs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fanfare.signing.Signatures;
import dev.fanfare.signing.WebhookSecret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

    record Webhook(String name, boolean genuine, String id, long timestamp, String signatures, byte[] body) {}

    @ParameterizedTest
    @EnumSource
    void the_printed_function_takes_what_is_genuine_and_nothing_else(Language language) throws Exception {
        // Node, Python and Go are no part of the build: a machine that has only a JDK tests Java alone
        assumeTrue(isInstalled(language.runtime), () -> language.runtime + " is not installed here");
        List<String> command = program(language);
        for (Webhook webhook : webhooks()) {
            List<String> line = new ArrayList<>(command);
            line.addAll(List.of(SECRET.text(), webhook.id, Long.toString(webhook.timestamp), webhook.signatures));
            assertThat(run(line, webhook.body))
                    .as("%s: %s", language, webhook.name)
                    .isEqualToIgnoringCase(Boolean.toString(webhook.genuine));
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

    /** Writes the function and a main around it; answers the command that takes the arguments. */
    private List<String> program(Language language) throws Exception {
        String core = block(language.fence + " core");
        return switch (language) {
            case JS -> {
                String main = """
                        const [secret, id, timestamp, signatures] = process.argv.slice(2);
                        console.log(verify(secret, id, timestamp, signatures, require("node:fs").readFileSync(0)));
                        """;
                yield List.of("node", write("verify.js", core + main));
            }
            case PYTHON -> {
                String main = """

                        import sys
                        print(verify(*sys.argv[1:], sys.stdin.buffer.read()))
                        """;
                yield List.of("python3", write("verify.py", core + main));
            }
            case JAVA -> {
                String main = """

                        class Main {
                            public static void main(String[] a) throws Exception {
                                System.out.println(
                                        WebhookSignature.verify(a[0], a[1], a[2], a[3], System.in.readAllBytes()));
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

                        import ("fmt"; "io"; "os")

                        func main() {
                            body, _ := io.ReadAll(os.Stdin)
                            fmt.Println(verify(os.Args[1], os.Args[2], os.Args[3], os.Args[4], body))
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
