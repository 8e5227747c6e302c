package dev.fanfare.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * The living processes of one cluster directory, found by what they are and not by a process id that somebody else may
 * have by now: a zombie works in no directory, a stranger in another.
 */
final class PostgresProcesses {
    private static final Logger LOG = Logger.getLogger(PostgresProcesses.class);
    private static final Set<String> PROGRAMS = Set.of("postgres", "initdb");

    private final Path cluster;

    PostgresProcesses(Path cluster) {
        this.cluster = cluster;
    }

    /** The process id in {@code postmaster.pid}, 0 where there is none. It may be dead, or anybody's. */
    long recorded() throws IOException {
        try {
            List<String> lines = Files.readAllLines(cluster.resolve("postmaster.pid"));
            return lines.isEmpty() ? 0 : Long.parseLong(lines.get(0).strip());
        } catch (NoSuchFileException | NumberFormatException e) {
            return 0;
        }
    }

    boolean serverLives() throws IOException {
        long pid = recorded();
        return pid != 0 && ProcessHandle.of(pid).filter(this::ours).isPresent();
    }

    List<ProcessHandle> living() {
        return ProcessHandle.allProcesses().filter(this::ours).toList();
    }

    private boolean ours(ProcessHandle process) {
        try {
            // Postgres' processes work in their cluster's directory.
            if (Files.readSymbolicLink(Path.of("/proc", Long.toString(process.pid()), "cwd"))
                    .equals(cluster)) {
                return process.pid() != ProcessHandle.current().pid();
            }
        } catch (IOException e) {
            // no /proc, a zombie, or not ours to see: by the command line then
        }
        ProcessHandle.Info info = process.info();
        boolean program = info.command()
                .map(c -> PROGRAMS.contains(c.substring(c.lastIndexOf('/') + 1)))
                .orElse(false);
        return program
                && info.arguments()
                        .map(a -> Arrays.asList(a).contains(cluster.toString()))
                        .orElse(false);
    }

    /** True once none of them lives, false when the time is over. */
    boolean goneWithin(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (!living().isEmpty()) {
            if (System.nanoTime() - end > 0) {
                return false;
            }
            // no children of this process, and each may leave others: only looking tells that all are gone
            Thread.sleep(50);
        }
        return true;
    }

    /** Ends what a graceful stop left. Safe for the data: the next start recovers from the write-ahead log. */
    void kill() throws InterruptedException {
        for (ProcessHandle process : living()) {
            LOG.warnf("Process %d of %s did not end and is killed", process.pid(), cluster);
            process.destroyForcibly();
        }
        goneWithin(Duration.ofSeconds(15));
    }

    /**
     * Removes {@code postmaster.pid} where its process id belongs to a zombie or a stranger; Postgres would take either
     * for a living server. Call it only when none of ours lives.
     */
    void forgetTheDead() throws IOException {
        long pid = recorded();
        if (pid != 0 && ProcessHandle.of(pid).isPresent()) {
            Files.deleteIfExists(cluster.resolve("postmaster.pid"));
        }
    }
}
