package dev.fanfare.dispatch;

import dev.fanfare.delivery.CancelStore;
import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.GiveBackStore;
import dev.fanfare.delivery.GiveBackStore.ClaimKey;
import dev.fanfare.delivery.GiveBackStore.GoneNode;
import dev.fanfare.delivery.StatsStore;
import dev.fanfare.delivery.StatsStore.Delta;
import dev.fanfare.platform.DatabaseException;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.NodeRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * What keeps memory and database the same: takes over what dead nodes held, gives back claims that nobody remembers,
 * cancels what waits for deleted subscriptions, writes counts.
 */
@ApplicationScoped
public class Housekeeping {
    /** A claim of this node that it does not hold is given back when seen so often in a row. */
    static final int LOOKS = 7;

    private static final int BATCHES_AT_ONCE = 10;

    private static final Logger LOG = Logger.getLogger(Housekeeping.class);

    private final GiveBackStore store;
    private final CancelStore cancels;
    private final StatsStore stats;
    private final NodeRegistry nodes;
    private final Holdings holdings;
    private final DeliveryMetrics metrics;
    private final InstantSource clock;
    /** What is in flight for less may be anywhere between two places. */
    private final Duration young;

    private Map<ClaimKey, Integer> forgotten = new HashMap<>();
    private final Map<UUID, Instant> quietNodes = new HashMap<>();

    public Housekeeping(
            GiveBackStore store,
            CancelStore cancels,
            StatsStore stats,
            NodeRegistry nodes,
            Holdings holdings,
            DeliveryMetrics metrics,
            InstantSource clock,
            DispatchConfig config) {
        this.store = store;
        this.cancels = cancels;
        this.stats = stats;
        this.nodes = nodes;
        this.holdings = holdings;
        this.metrics = metrics;
        this.clock = clock;
        this.young = config.unheldAfter();
    }

    /** Every two seconds: whatever names no living node goes back to the queue. */
    int sweep() {
        Instant now = clock.instant();
        int queued = store.takeOverQueued(now);
        int fresh = 0;
        for (GoneNode gone : store.goneNodes()) {
            fresh += sweep(gone, now);
        }
        if (queued + fresh > 0) {
            LOG.infof("Took over %d deliveries from nodes that are gone", queued + fresh);
        }
        return queued + fresh;
    }

    /** A node that was found empty is looked at again, ever more seldom: an accept of its may still become visible. */
    private int sweep(GoneNode gone, Instant now) {
        Instant quietUntil = quietNodes.get(gone.id());
        if (quietUntil != null && now.isBefore(quietUntil)) {
            return 0;
        }
        int total = 0;
        int taken;
        do {
            taken = store.takeOverFresh(gone, now);
            total += taken;
        } while (taken > 0);
        boolean settled = now.isAfter(gone.goneAt().plusSeconds(30));
        quietNodes.put(gone.id(), now.plusSeconds(settled ? 60 : 2));
        return total;
    }

    /** {@link #LOOKS} − 1 times in {@code fanfare.dispatch.unheld-after}: compares this node's claims in the database with what it holds. */
    int compare() {
        UUID node = nodes.id();
        Instant now = clock.instant();
        List<ClaimKey> queued = store.queuedClaims(node);
        List<ClaimKey> fresh = store.freshClaims(node, holdings.floor(), Ids.highest(now.minus(young)));
        Map<ClaimKey, Integer> seen = new HashMap<>();
        List<Claim> lost = new ArrayList<>();
        queued.forEach(key -> count(key, seen, lost, node, false));
        fresh.forEach(key -> count(key, seen, lost, node, true));
        forgotten = seen;
        if (!lost.isEmpty()) {
            LOG.warnf("Gave back %d deliveries of this node that it did not hold", lost.size());
            store.giveBack(node, lost, now);
        }
        holdings.compared(now.minus(young), LOOKS);
        return lost.size();
    }

    private void count(ClaimKey key, Map<ClaimKey, Integer> seen, List<Claim> lost, UUID node, boolean fresh) {
        if (holdings.holds(key.id(), key.number())) {
            return;
        }
        int looks = forgotten.getOrDefault(key, 0) + 1;
        // kept beyond the last look too: giving back may fail, and is tried again with the next one
        seen.put(key, looks);
        if (looks >= LOOKS) {
            lost.add(new Claim(node, key.id(), key.id(), key.number(), fresh, 0, 0, 0, null, null));
        }
    }

    /** Every two seconds: deliveries that wait for a deleted subscription are cancelled. */
    void cancelDeleted() {
        // a bounded number of batches: other chores wait on this thread
        for (int batch = 0; batch < BATCHES_AT_ONCE; batch++) {
            Map<UUID, Integer> cancelled = cancels.cancelDeleted(clock.instant());
            if (cancelled.isEmpty()) {
                return;
            }
            cancelled.forEach(metrics::cancelled);
        }
    }

    /** Every five seconds. */
    void writeCounts() {
        List<Delta> deltas = metrics.takeDeltas();
        if (deltas.isEmpty()) {
            return;
        }
        try {
            stats.add(deltas, clock.instant());
        } catch (DatabaseException failure) {
            metrics.putBack(deltas);
            throw failure;
        }
    }

    /** Every minute: tombstones and nodes of which nothing is left. */
    void forget() {
        Instant now = clock.instant();
        cancels.removeTombstones(now);
        store.forgetGoneNodes(now);
        quietNodes.values().removeIf(until -> until.isBefore(now.minusSeconds(600)));
    }
}
