package dev.fanfare.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What processes and all their descendants have used, from {@code /proc}. */
final class ProcessTree {
    private static final Path PROC = Path.of("/proc");
    private static final long MICROS_PER_TICK = 10_000;
    private static final int PAGE = 4_096;

    private ProcessTree() {}

    private record Stat(long pid, long parent, long ticks) {}

    /** Microseconds of CPU, user and system, of these processes, what they started, and what of that has ended. */
    static long cpuMicros(long... roots) throws IOException {
        Map<Long, List<Stat>> children = new HashMap<>();
        Map<Long, Stat> all = new HashMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path entry : entries) {
                Stat stat = read(Long.parseLong(entry.getFileName().toString()));
                if (stat != null) {
                    all.put(stat.pid, stat);
                    children.computeIfAbsent(stat.parent, pid -> new ArrayList<>())
                            .add(stat);
                }
            }
        }
        long ticks = 0;
        Set<Long> seen = new HashSet<>();
        List<Long> open = new ArrayList<>(Arrays.stream(roots).boxed().toList());
        while (!open.isEmpty()) {
            long pid = open.remove(open.size() - 1);
            if (seen.add(pid) && all.containsKey(pid)) {
                ticks += all.get(pid).ticks;
                children.getOrDefault(pid, List.of()).forEach(child -> open.add(child.pid));
            }
        }
        return ticks * MICROS_PER_TICK;
    }

    private static Stat read(long pid) {
        try {
            // the name in parentheses may hold anything; proc(5) numbers the fields from 1, state is the third
            String text = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"));
            String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
            long ticks = 0;
            for (int field = 14; field <= 17; field++) {
                ticks += Long.parseLong(fields[field - 3]);
            }
            return new Stat(pid, Long.parseLong(fields[1]), ticks);
        } catch (IOException ended) {
            return null;
        }
    }

    /** Bytes of one process in memory. */
    static long residentBytes(long pid) throws IOException {
        String text = Files.readString(PROC.resolve(Long.toString(pid)).resolve("statm"));
        return Long.parseLong(text.split(" ")[1]) * PAGE;
    }
}
