package dev.fanfare.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** {@code ./mvnw verify -Pbench [-Dbench=smoke|<scenario>,…]}; without a scenario all of them run. */
public final class Benchmark {
    private static final Path DIRECTORY = Path.of("target", "bench").toAbsolutePath();
    private static final Map<String, Scenario> SCENARIOS = new LinkedHashMap<>();
    private static final List<String> SMOKE = List.of("fanout1", "fanout10", "fanout100", "rate1000", "ceilings");

    static {
        SCENARIOS.put("fanout1", Throughput::fanout1);
        SCENARIOS.put("fanout10", Throughput::fanout10);
        SCENARIOS.put("fanout100", Throughput::fanout100);
        SCENARIOS.put("batches", Throughput::batches);
        SCENARIOS.put("nomatch", Throughput::noMatch);
        SCENARIOS.put("rate1000", Latency::rate1000);
        SCENARIOS.put("rate5000", Latency::rate5000);
        SCENARIOS.put("hanging", Latency::hanging);
        SCENARIOS.put("subscriptions", Crowd::subscriptions);
        SCENARIOS.put("backlog", Crowd::backlog);
        SCENARIOS.put("kill", Interruption::kill);
        SCENARIOS.put("restart", Interruption::restart);
        SCENARIOS.put("start", Interruption::start);
        SCENARIOS.put("memory", Memory::memory);
        SCENARIOS.put("ceilings", Throughput::ceilings);
    }

    /** Measures something and tells it in rows of the table. */
    @FunctionalInterface
    private interface Scenario {
        List<Row> run(Lab lab) throws Exception;
    }

    private Benchmark() {}

    public static void main(String[] arguments) {
        List<String> asked = Stream.of(arguments.length == 0 ? new String[0] : arguments[0].split(","))
                .filter(name -> !name.isBlank())
                .toList();
        boolean smoke = asked.contains("smoke");
        List<String> names = new ArrayList<>(asked);
        names.remove("smoke");
        if (names.isEmpty()) {
            names.addAll(smoke ? SMOKE : SCENARIOS.keySet());
        }
        if (!SCENARIOS.keySet().containsAll(names)) {
            System.err.println("Scenarios: smoke, " + String.join(", ", SCENARIOS.keySet()));
            System.exit(2);
        }
        try {
            measure(names, smoke);
            System.exit(0);
        } catch (Exception | Error e) {
            // event loops would keep the process alive
            e.printStackTrace();
            System.exit(1);
        }
    }

    private static void measure(List<String> names, boolean smoke) throws Exception {
        empty(DIRECTORY);
        List<Row> rows = new ArrayList<>();
        try (Lab lab = new Lab(DIRECTORY, smoke)) {
            for (String name : names) {
                long start = System.nanoTime();
                List<Row> measured = SCENARIOS.get(name).run(lab);
                System.out.printf("%-12s %4d s%n", name, (System.nanoTime() - start) / 1_000_000_000);
                rows.addAll(measured);
                new Report(machine(), rows).write(DIRECTORY);
            }
        }
        System.out.println(new Report(machine(), rows).markdown());
    }

    private static void empty(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> all = Files.walk(directory)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
        Files.createDirectories(directory);
    }

    private static String machine() throws IOException {
        String processor = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 2))
                .findFirst()
                .orElse("unknown processor");
        return "%s, %d cores, %s %s, Java %s, %s"
                .formatted(
                        processor,
                        Runtime.getRuntime().availableProcessors(),
                        System.getProperty("os.name"),
                        System.getProperty("os.version"),
                        System.getProperty("java.version"),
                        Instant.now().truncatedTo(ChronoUnit.MINUTES));
    }
}
