package dev.fanfare.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** {@code ./mvnw verify -Pbench [-Dbench=smoke|<scenario>,…]}; without a scenario all of them run. */
public final class Benchmark {
    private static final Path DIRECTORY = Path.of("target", "bench").toAbsolutePath();
    /** A scenario that takes longer has failed. */
    private static final Duration LIMIT = Duration.ofMinutes(8);

    private static final Duration MEMORY_LIMIT = LIMIT.plusSeconds(Memory.SECONDS);
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
        SCENARIOS.put("start", Restart::start);
        SCENARIOS.put("kill", Interruption::kill);
        SCENARIOS.put("takeover", Interruption::takeover);
        SCENARIOS.put("restart", Restart::withBacklog);
        SCENARIOS.put("memory", Memory::memory);
        SCENARIOS.put("backlog", Crowd::backlog); // last of those with a server: it leaves two million rows
        SCENARIOS.put("ceilings", Throughput::ceilings);
    }

    /** Measures something and tells it in rows of the table. */
    @FunctionalInterface
    private interface Scenario {
        List<Row> run(Lab lab) throws Exception;
    }

    private final boolean smoke;
    private final List<Row> rows = new ArrayList<>();
    private int labs;
    private volatile Lab lab;
    private boolean failed;

    private Benchmark(boolean smoke) throws IOException {
        this.smoke = smoke;
        this.lab = newLab();
    }

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
            empty(DIRECTORY);
            Benchmark benchmark = new Benchmark(smoke);
            // whoever interrupts it finds no server left
            Runtime.getRuntime().addShutdownHook(new Thread(benchmark::close));
            System.exit(benchmark.measure(names) ? 0 : 1);
        } catch (IOException e) {
            // event loops would keep the process alive
            e.printStackTrace();
            System.exit(1);
        }
    }

    /** False when an event was lost or a scenario failed; a goal that is missed is no failure. */
    private boolean measure(List<String> names) throws IOException {
        for (String name : names) {
            long start = System.nanoTime();
            rows.addAll(measure(name));
            System.out.printf("%-13s %4d s%n", name, (System.nanoTime() - start) / 1_000_000_000);
            new Report(machine(), rows).write(DIRECTORY);
        }
        System.out.println(new Report(machine(), rows).markdown());
        return !failed && rows.stream().mapToLong(Row::lost).sum() == 0;
    }

    /** One scenario in a thread of its own; one that fails takes its server with it, so that the next finds a good one. */
    private List<Row> measure(String name) throws IOException {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        Duration limit = name.equals("memory") ? MEMORY_LIMIT : LIMIT;
        try {
            return thread.submit(() -> SCENARIOS.get(name).run(lab)).get(limit.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException failure) {
            return failed(name, failure.getCause());
        } catch (TimeoutException late) {
            return failed(name, new TimeoutException("not done within " + limit.toMinutes() + " minutes"));
        } catch (InterruptedException interrupted) {
            return failed(name, interrupted);
        } finally {
            thread.shutdownNow();
        }
    }

    private List<Row> failed(String name, Throwable why) throws IOException {
        why.printStackTrace();
        failed = true;
        lab.close();
        lab = newLab();
        return List.of(Row.failed(name, why));
    }

    private Lab newLab() throws IOException {
        return new Lab(DIRECTORY.resolve("lab-" + ++labs), smoke);
    }

    private void close() {
        try {
            lab.close();
        } catch (IOException e) {
            e.printStackTrace();
        }
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
