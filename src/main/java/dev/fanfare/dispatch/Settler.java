package dev.fanfare.dispatch;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.summingInt;

import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.GiveBackStore;
import dev.fanfare.delivery.Reason;
import dev.fanfare.delivery.SettleStore;
import dev.fanfare.delivery.Settlement;
import dev.fanfare.platform.DatabaseException;
import dev.fanfare.subscription.Subscriptions;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.ListIterator;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/**
 * Writes outcomes down, many in one transaction. While the database is away they wait here: as many as there are
 * permits, their responses up to {@link DispatchConfig#responseMemory()}; beyond it responses are dropped, verdicts never. A failing
 * settle never sends again.
 */
@Singleton
public class Settler {
    private static final int BATCH = 2_000;
    private static final int ENOUGH = 200;
    private static final long GATHER_MILLIS = 5;
    private static final Logger LOG = Logger.getLogger(Settler.class);

    private final SettleStore store;
    private final GiveBackStore giveBacks;
    private final Subscriptions subscriptions;
    private final Holdings holdings;
    private final DeliveryMetrics metrics;
    private final InstantSource clock;
    private final Permits permits;
    private final long responseMemory;

    private final BlockingQueue<Settlement> ended = new LinkedBlockingQueue<>();
    private final BlockingQueue<Claim> unwanted = new LinkedBlockingQueue<>();
    private final AtomicLong responseBytes = new AtomicLong();

    public Settler(
            SettleStore store,
            GiveBackStore giveBacks,
            Subscriptions subscriptions,
            Holdings holdings,
            DeliveryMetrics metrics,
            InstantSource clock,
            DispatchConfig config) {
        this.store = store;
        this.giveBacks = giveBacks;
        this.subscriptions = subscriptions;
        this.holdings = holdings;
        this.metrics = metrics;
        this.clock = clock;
        this.permits = new Permits(OpenFiles.mostInflight(config));
        this.responseMemory = config.responseMemory().asLongValue();
    }

    Permits permits() {
        return permits;
    }

    /** From any thread; never blocks. */
    void add(Settlement settlement) {
        int bytes = settlement.outcome().responseBytes();
        if (responseBytes.addAndGet(bytes) > responseMemory) {
            responseBytes.addAndGet(-bytes);
            ended.add(settlement.withoutResponse());
        } else {
            ended.add(settlement);
        }
    }

    /** Claims that are not to be attempted here now. From any thread; never blocks. */
    void giveBack(Collection<Claim> claims) {
        unwanted.addAll(claims);
    }

    /** Claims that this node lost. */
    void forget(Collection<Claim> claims) {
        holdings.removeAll(claims);
    }

    /** Outcomes and claims that wait to be written. */
    int waiting() {
        return ended.size() + unwanted.size();
    }

    /**
     * Writes what waits, at most one batch of each; waits up to {@code millis} for something to come.
     *
     * @return outcomes and claims written
     * @throws DatabaseException the batch waits on, nothing is lost
     */
    int pass(long millis) throws InterruptedException {
        Settlement first = unwanted.isEmpty() ? ended.poll(millis, TimeUnit.MILLISECONDS) : ended.poll();
        List<Settlement> batch = new ArrayList<>();
        List<Claim> back = new ArrayList<>();
        if (first != null) {
            batch.add(first);
        }
        try {
            if (first != null) {
                gather();
            }
            ended.drainTo(batch, BATCH - batch.size());
            unwanted.drainTo(back, BATCH);
            int done = batch.size() + back.size();
            if (!batch.isEmpty()) {
                settle(batch);
                batch.clear();
            }
            if (!back.isEmpty()) {
                writeBack(back);
                back.clear();
            }
            return done;
        } finally {
            ended.addAll(batch);
            unwanted.addAll(back);
        }
    }

    /** Nobody waits for a settle unless permits are few: a few milliseconds more make one commit of many. */
    private void gather() throws InterruptedException {
        if (ended.size() < ENOUGH && !permits.areScarce()) {
            TimeUnit.MILLISECONDS.sleep(GATHER_MILLIS);
        }
    }

    private void writeBack(List<Claim> back) {
        back.stream()
                .collect(groupingBy(Claim::node))
                .forEach((node, claims) -> giveBacks.giveBack(node, claims, clock.instant()));
        holdings.removeAll(back);
    }

    private void settle(List<Settlement> batch) {
        disableWhereGone(batch);
        for (var group :
                batch.stream().collect(groupingBy(s -> s.claim().node())).entrySet()) {
            settle(group.getKey(), group.getValue());
        }
        for (Settlement s : batch) {
            responseBytes.addAndGet(-s.outcome().responseBytes());
            holdings.remove(s.claim());
            metrics.settled(s);
        }
        permits.giveBack(batch.size());
        warnOfDead(batch);
    }

    private void settle(UUID node, List<Settlement> batch) {
        try {
            Set<UUID> late = store.settle(node, batch, clock.instant());
            metrics.late(late.size());
        } catch (DatabaseException failure) {
            if (!failure.refusedData() && !failure.noPartition()) {
                throw failure;
            }
            settleApart(node, batch, failure);
        }
    }

    /** A row that the database refuses is found by running each half again; alone, it goes without its response. */
    private void settleApart(UUID node, List<Settlement> batch, DatabaseException failure) {
        if (batch.size() > 1) {
            settle(node, batch.subList(0, batch.size() / 2));
            settle(node, batch.subList(batch.size() / 2, batch.size()));
            return;
        }
        Settlement refused = batch.get(0);
        if (failure.noPartition()) {
            // this process stood still, or the database was away, for longer than history is kept
            LOG.warnf(
                    "The outcome of delivery %s came after its day was forgotten",
                    refused.claim().id());
            return;
        }
        LOG.warnf(
                "The response of delivery %s cannot be stored (%s); it is settled without it",
                refused.claim().id(), failure.getMessage());
        try {
            store.settle(node, List.of(refused.unrecordable()), clock.instant());
        } catch (DatabaseException again) {
            if (!again.refusedData()) {
                throw again;
            }
            park(node, refused.claim(), again);
        }
    }

    /** It must neither hold up everybody's outcomes nor be sent again and again. */
    private void park(UUID node, Claim claim, DatabaseException refusal) {
        LOG.errorf(refusal, "The outcome of delivery %s cannot be stored at all; it is given up", claim.id());
        try {
            if (store.park(node, claim, clock.instant())) {
                metrics.givenUp(claim.subscriptionId(), Reason.UNRECORDABLE.word(), 1);
            }
        } catch (DatabaseException again) {
            if (!again.refusedData()) {
                throw again;
            }
            LOG.errorf(again, "Not even that can be stored; the comparison gives the claim back");
        }
    }

    /**
     * 410: disables the subscription, once per batch, unless its sink is another by now; then the answer is an ordinary
     * failure. What cannot be decided now waits, and does not hold up the others.
     */
    private void disableWhereGone(List<Settlement> batch) {
        record Sink(UUID subscriptionId, int revision) {}
        Map<Sink, Boolean> disabled = new HashMap<>();
        RuntimeException undecided = null;
        ListIterator<Settlement> each = batch.listIterator();
        while (each.hasNext()) {
            Settlement s = each.next();
            if (!s.disables()) {
                continue;
            }
            Sink sink = new Sink(s.attempted().id(), s.attempted().sinkRevision());
            try {
                if (!disabled.computeIfAbsent(
                        sink, gone -> subscriptions.disable(gone.subscriptionId(), "gone", gone.revision()))) {
                    each.set(Settlement.of(
                            s.claim(),
                            s.outcome(),
                            s.attempted(),
                            false,
                            ThreadLocalRandom.current().nextDouble()));
                }
            } catch (RuntimeException failure) {
                LOG.warnf("Subscription %s is gone and could not be disabled yet (%s)", sink, failure.getMessage());
                each.remove();
                ended.add(s);
                undecided = failure;
            }
        }
        if (undecided != null && batch.isEmpty()) {
            // nothing else to write: the loop pauses before it tries again
            throw undecided;
        }
    }

    private static String reason(Settlement dead) {
        Reason reason = dead.deadBecause();
        return reason == null ? "" : reason.word();
    }

    private void warnOfDead(List<Settlement> batch) {
        record Cause(UUID subscriptionId, String reason) {}
        batch.stream()
                .filter(s -> s.deadBecause() != null)
                .collect(groupingBy(s -> new Cause(s.attempted().id(), reason(s)), summingInt(s -> 1)))
                .forEach((cause, count) -> metrics.givenUp(cause.subscriptionId(), cause.reason(), count));
    }
}
