package dev.fanfare.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What this machine could do if only one part of the work had to be done; each is measured once, when it is asked for. */
final class Ceilings {
    /** A rate per second and the microseconds of CPU that each costs, without the generator's. */
    record Ceiling(String name, double perSecond, double cpuMicros) {}

    private static final int WARM_UP_SECONDS = 4;
    private static final int SECONDS = 6;

    private final Lab lab;
    private Ceiling loop;
    private Ceiling ingest;
    private final Map<Integer, Ceiling> outboxes = new HashMap<>();

    Ceilings(Lab lab) {
        this.lab = lab;
    }

    private int seconds() {
        return lab.smoke ? SECONDS / 2 : SECONDS;
    }

    /** Signed POSTs of ready bytes to the benchmark's receiver. */
    Ceiling bareLoop() throws Exception {
        if (loop == null) {
            Process process = start(BareLoop.class, Integer.toString(lab.receiver.port()));
            try {
                TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
                long before = lab.receiver.requests();
                long cpu = ProcessTree.cpuMicros(process.pid());
                long start = System.nanoTime();
                TimeUnit.SECONDS.sleep(seconds());
                double count = lab.receiver.requests() - before;
                double taken = (System.nanoTime() - start) / 1e9;
                loop = new Ceiling("bare loop", count / taken, (ProcessTree.cpuMicros(process.pid()) - cpu) / count);
            } finally {
                stop(process);
            }
        }
        return loop;
    }

    /** Events that are parsed and answered with 202, published like the server's. */
    Ceiling bareIngest() throws Exception {
        if (ingest == null) {
            Process process = start(BareIngest.class);
            try {
                int port = Integer.parseInt(process.inputReader().readLine());
                publish(process, port, 150_000);
                ingest = publish(process, port, lab.scaled(300_000));
            } finally {
                stop(process);
            }
        }
        return ingest;
    }

    private Ceiling publish(Process process, int port, int events) throws Exception {
        Account account = lab.receiver.account(events, 0, new BitSet());
        Producer.Load load = new Producer.Load(account, "bench.bare", 1, 0, Shape.CONNECTIONS);
        try (Producer producer = new Producer(port, "x".repeat(47), load)) {
            long cpu = ProcessTree.cpuMicros(process.pid());
            long start = System.nanoTime();
            producer.start().get();
            double count = account.acked.get();
            double taken = (account.lastAck.get() - start) / 1e9;
            return new Ceiling("bare ingest", count / taken, (ProcessTree.cpuMicros(process.pid()) - cpu) / count);
        } finally {
            lab.receiver.close(account);
        }
    }

    /** Events with so many deliveries each, accepted and settled in the server's Postgres, nothing else; deliveries count. */
    Ceiling bareOutbox(int fanout) throws Exception {
        Ceiling known = outboxes.get(fanout);
        if (known == null) {
            known = BareOutbox.measure(lab.server(), fanout, seconds());
            outboxes.put(fanout, known);
        }
        return known;
    }

    /** A process of its own with this one's class path; it ends when its standard input does. */
    private static Process start(Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void stop(Process process) throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(5, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
