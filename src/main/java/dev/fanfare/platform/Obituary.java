package dev.fanfare.platform;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Tells from the others' counters who has died. Pure: the time is given. */
final class Obituary {
    private static final int LOOKS = 6;
    private static final Duration SPAN = Duration.ofSeconds(6);

    private final Map<UUID, Still> seen = new HashMap<>();

    /** A node and its counter. */
    record Sight(UUID id, long beat) {}

    /** A counter that has not moved since a look. */
    private record Still(long beat, int looks, long sinceNanos) {}

    /** Forgets everything: after a failed look the next one begins from nothing. */
    void reset() {
        seen.clear();
    }

    /**
     * Takes one good look.
     *
     * @return the nodes whose counter stood still during six looks after the first sight, over at least six seconds
     */
    List<Sight> look(List<Sight> nodes, long nowNanos) {
        Map<UUID, Still> next = new HashMap<>();
        List<Sight> dead = new ArrayList<>();
        for (Sight node : nodes) {
            Still before = seen.get(node.id());
            Still now = before == null || before.beat() != node.beat()
                    ? new Still(node.beat(), 0, nowNanos)
                    : new Still(node.beat(), before.looks() + 1, before.sinceNanos());
            next.put(node.id(), now);
            if (now.looks() >= LOOKS && nowNanos - now.sinceNanos() >= SPAN.toNanos()) {
                dead.add(node);
            }
        }
        seen.clear();
        seen.putAll(next);
        return dead;
    }
}
