package dev.fanfare.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * {@code ./mvnw verify -Pfuzz}: runs the fuzzer on one target after the other, each in a process of its own for a bounded
 * time. Its corpus grows in {@code target/fuzz}; an input that does harm is left there as {@code TARGET-crash-…}, to be
 * mended and kept in {@code src/test/resources/fuzz}.
 */
public final class Fuzzing {
    private static final Path FOLDER = Path.of("target", "fuzz").toAbsolutePath();

    private Fuzzing() {}

    /** @param args seconds for each target; names of targets, none = all */
    public static void main(String[] args) throws IOException, InterruptedException {
        List<String> harmed = new ArrayList<>();
        for (Target target : Target.values()) {
            if (args.length < 2 || args[1].isBlank() || List.of(args).contains(target.folder())) {
                System.out.println("== " + target.folder() + ", " + args[0] + " s");
                if (run(target, Integer.parseInt(args[0])) != 0) {
                    harmed.add(target.folder());
                }
            }
        }
        if (!harmed.isEmpty()) {
            System.err.println("Inputs that do harm to " + harmed + " are in " + FOLDER);
            System.exit(1);
        }
    }

    private static int run(Target target, int seconds) throws IOException, InterruptedException {
        Path corpus = Files.createDirectories(FOLDER.resolve(target.folder()));
        Path seeds = Path.of("src/test/resources/fuzz", target.folder()).toAbsolutePath();
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx1g",
                        // the fuzzer asks JUnit whether the target is a test, and Quarkus' order needs a running
                        // Quarkus
                        "-Djunit.jupiter.testclass.order.default=org.junit.jupiter.api.ClassOrderer$ClassName",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "com.code_intelligence.jazzer.Jazzer",
                        "--target_class=" + target.type.getName(),
                        "--instrumentation_includes=dev.fanfare.**:com.fasterxml.jackson.core.**",
                        "--reproducer_path=" + FOLDER,
                        "-artifact_prefix=" + FOLDER.resolve(target.folder() + "-"),
                        "-max_total_time=" + seconds,
                        String.format(Locale.ROOT, "-max_len=%d", 1 << 14),
                        // the first input pays for the instrumentation of all classes
                        "-timeout=60",
                        "-rss_limit_mb=0",
                        "-verbosity=0",
                        "-print_final_stats=1",
                        corpus.toString(),
                        seeds.toString())
                .directory(FOLDER.toFile())
                .inheritIO()
                .start()
                .waitFor();
    }
}
