package dev.fanfare.replay;

import dev.fanfare.replay.Candidates.Candidate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Says of each delivery that was looked at what is to be done with it. */
final class Sorting {
    final List<Candidate> revive = new ArrayList<>();
    final List<Candidate> makeDue = new ArrayList<>();
    final List<Candidate> hasten = new ArrayList<>();
    final List<Candidate> repeat = new ArrayList<>();
    final Map<String, Long> skipped = new HashMap<>();
    final Set<UUID> lanes = new HashSet<>();
    long gone;
    boolean deferred;
    private final UUID job;
    private final Map<UUID, Integer> waiting;

    /** Begins with how many of the job wait in each lane; deferred when lanes were passed over because they are full. */
    Sorting(UUID job, Map<UUID, Integer> waiting, boolean deferred) {
        this.job = job;
        this.waiting = waiting;
        this.deferred = deferred;
    }

    void add(Candidate one) {
        if (!one.matches()) {
            return;
        }
        if (!one.kept()) {
            gone++;
        } else if (!one.wanted()) {
            skip("subscriptiondeleted", 1);
        } else {
            switch (one.state()) {
                case DEAD, CANCELLED -> place(one, revive);
                case DELIVERED -> place(one, repeat);
                case PENDING -> waiting(one);
                case INFLIGHT -> skip("inflight", 1);
            }
        }
    }

    private void waiting(Candidate one) {
        if (one.claimed()) {
            skip("inflight", 1);
        } else if (job.equals(one.waitingFor())) {
            return;
        } else if (one.waitingFor() != null) {
            hasten.add(one);
            skip("inreplay", 1);
        } else {
            makeDue.add(one);
            lanes.add(one.subscriptionId());
        }
    }

    private void place(Candidate one, List<Candidate> list) {
        if (waiting.merge(one.subscriptionId(), 1, Integer::sum) > ReplayStore.WAITING_PER_LANE) {
            deferred = true;
        } else {
            list.add(one);
            lanes.add(one.subscriptionId());
        }
    }

    void skip(String why, long count) {
        if (count > 0) {
            skipped.merge(why, count, Long::sum);
        }
    }
}
