package dev.fanfare.dispatch;

import dev.fanfare.delivery.Claim;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Deliveries that nodes died with, twice or more. They are attempted one at a time: should one of them be what kills a
 * node, it takes the blame alone. For the claim loop's thread only.
 */
final class Suspects {
    /** So many lost claims make a suspect. */
    static final int LOST_TWICE = 2;

    private final Holdings holdings;
    private final Deque<Claim> waiting = new ArrayDeque<>();
    private @Nullable Claim underWay;

    Suspects(Holdings holdings) {
        this.holdings = holdings;
    }

    static boolean isSuspect(Claim claim) {
        return claim.lost() >= LOST_TWICE;
    }

    /** Keeps a claim until its turn; it counts as held. */
    void add(Claim claim) {
        holdings.add(claim, null);
        waiting.add(claim);
    }

    /** The next one, when the one before is settled; null when there is none, or it is not its turn yet. */
    @Nullable
    Claim next(UUID node) {
        waiting.removeIf(claim -> {
            boolean lost = !claim.node().equals(node);
            if (lost) {
                holdings.remove(claim);
            }
            return lost;
        });
        Claim before = underWay;
        if (before != null && holdings.holds(before.id(), before.number())) {
            return null;
        }
        underWay = waiting.poll();
        return underWay;
    }

    /** All that wait, for giving them back. */
    List<Claim> takeAll() {
        List<Claim> all = new ArrayList<>(waiting);
        waiting.clear();
        return all;
    }
}
