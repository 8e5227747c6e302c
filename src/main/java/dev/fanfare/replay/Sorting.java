package dev.fanfare.replay;

import dev.fanfare.replay.Candidates.Candidate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/** Says of each delivery that was looked at what is to be done with it. */
final class Sorting {
    final List<Candidate> revive = new ArrayList<>();
    final List<Candidate> makeDue = new ArrayList<>();
    final List<Candidate> hasten = new ArrayList<>();
    final List<Candidate> repeat = new ArrayList<>();
    final Map<String, Long> skipped = new HashMap<>();
    final Set<UUID> lanes = new HashSet<>();
    long gone;
    private final Map<UUID, Integer> waiting;
    private final int mostPerLane;

    /** Begins with how many of the job wait in each lane; no lane is to have more than {@code mostPerLane}. */
    Sorting(Map<UUID, Integer> waiting, int mostPerLane) {
        this.waiting = waiting;
        this.mostPerLane = mostPerLane;
    }

    /** Returns false, with nothing done, when the delivery's lane has enough of the job for now. */
    boolean add(Candidate one) {
        if (!one.matches()) {
            return true;
        }
        if (!one.kept()) {
            gone++;
            return true;
        }
        if (!one.wanted()) {
            skip("subscriptiondeleted", 1);
            return true;
        }
        return switch (one.state()) {
            case DEAD, CANCELLED -> place(one, revive);
            case DELIVERED -> place(one, repeat);
            case PENDING -> waiting(one);
            case INFLIGHT -> skip("inflight", 1);
        };
    }

    private boolean waiting(Candidate one) {
        if (one.claimed()) {
            return skip("inflight", 1);
        }
        if (one.waitingFor() != null) {
            hasten.add(one);
            return skip("inreplay", 1);
        }
        makeDue.add(one);
        lanes.add(one.subscriptionId());
        return true;
    }

    private boolean place(Candidate one, List<Candidate> list) {
        int before = waiting.getOrDefault(one.subscriptionId(), 0);
        if (before >= mostPerLane) {
            return false;
        }
        waiting.put(one.subscriptionId(), before + 1);
        list.add(one);
        lanes.add(one.subscriptionId());
        return true;
    }

    boolean skip(String why, long count) {
        if (count > 0) {
            skipped.merge(why, count, Long::sum);
        }
        return true;
    }

    /** Those that are to be delivered again, in the order of their ids. */
    Stream<Candidate> wanted() {
        return Stream.of(revive, makeDue, repeat).flatMap(List::stream).sorted(Comparator.comparing(one -> one.id()
                .toString()));
    }

    /** How many are not. */
    long skippedInAll() {
        return skipped.values().stream().mapToLong(Long::longValue).sum();
    }
}
