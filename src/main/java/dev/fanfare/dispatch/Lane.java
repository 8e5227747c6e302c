package dev.fanfare.dispatch;

import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.ClaimStore;
import dev.fanfare.delivery.Claimed;
import dev.fanfare.subscription.LiveSubscription;
import io.vertx.core.Context;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A subscription's gate in this node. Its queue and in-flight count belong to one event loop and need no lock; what
 * other threads ask is atomic.
 *
 * <p>Direct: new deliveries are handed over in memory. Backlogged, from the first overflow or full claim until a claim
 * is not full: new ones go to the queue behind the old ones, and all come through the claim.
 */
final class Lane {
    /**
     * Places of a lane for each attempt that it may have in flight: enough that a burst, or a pause of this process, does
     * not send a quick receiver's deliveries through the queue.
     */
    static final int HELD_PER_INFLIGHT = 32;

    private static final int MOST_HELD = 4_096;

    final UUID subscriptionId;
    private final Sender sender;
    private final Context context;

    private final AtomicInteger held = new AtomicInteger();
    private final AtomicBoolean waking = new AtomicBoolean();
    private volatile boolean backlogged;
    /** Rows due earlier have been claimed, but for what a full look finds. */
    private volatile Instant floor = Instant.EPOCH;
    /**
     * The sink said 410 and the subscription is about to be disabled: as it was then it is not attempted any more. Every
     * change has a new version, so whoever resumes it with the same sink is heard.
     */
    private volatile long goneVersion = -1;

    private final Runnable wake = this::wake;
    private final Deque<Claimed> waiting = new ArrayDeque<>();
    private final Caution caution = new Caution();
    private int inFlight;

    Lane(UUID subscriptionId, Sender sender, Context context) {
        this.subscriptionId = subscriptionId;
        this.sender = sender;
        this.context = context;
    }

    /** Reserves a place for a delivery that is handed over with its accept; an overflow makes the lane backlogged. */
    boolean reserve(LiveSubscription subscription) {
        if (backlogged || !mayAttempt(subscription)) {
            return false;
        }
        int limit = places(subscription);
        while (true) {
            int now = held.get();
            if (now >= limit) {
                backlogged = true;
                return false;
            }
            if (held.compareAndSet(now, now + 1)) {
                return true;
            }
        }
    }

    /** Reserves places for a claim, at most {@code most}; returns how many. */
    int reserve(LiveSubscription subscription, int most) {
        int limit = places(subscription);
        while (true) {
            int now = held.get();
            int room = Math.min(most, limit - now);
            if (room <= 0) {
                return 0;
            }
            if (held.compareAndSet(now, now + room)) {
                return room;
            }
        }
    }

    /** Whether a claim would find a place. */
    boolean hasRoom(LiveSubscription subscription) {
        return held.get() < places(subscription);
    }

    /** Whether more than half of its places are taken; a backlogged lane has overflowed already. */
    boolean isFilling() {
        LiveSubscription subscription = sender.subscription(subscriptionId);
        return !backlogged && subscription != null && 2 * held.get() > places(subscription);
    }

    private static int places(LiveSubscription subscription) {
        int inflight = subscription.settings().maxInflight();
        return Math.min(HELD_PER_INFLIGHT * inflight, Math.max(MOST_HELD, 2 * inflight));
    }

    /** Gives a place back that was reserved, or whose claim this node does not hold any more. */
    void release(int count) {
        held.addAndGet(-count);
    }

    /** A claim took less than there was room (drained) or filled it. */
    void claimed(boolean full, @Nullable Instant lastDue) {
        backlogged = full;
        if (lastDue != null) {
            floor = lastDue.minus(ClaimStore.SLACK);
        }
    }

    void overflowed() {
        backlogged = true;
    }

    boolean backlogged() {
        return backlogged;
    }

    Instant floor() {
        return floor;
    }

    boolean mayAttempt(LiveSubscription subscription) {
        return subscription.state() == LiveSubscription.State.ACTIVE
                && subscription.routingVersion() > goneVersion
                && sender.gateOpen(subscription);
    }

    /** Nothing more is sent by that version of the subscription; it is being disabled. On the event loop. */
    void gone(long routingVersion) {
        goneVersion = Math.max(goneVersion, routingVersion);
    }

    /** Takes over claims whose places are reserved. From any thread. */
    void handOver(List<Claimed> claims) {
        context.runOnContext(nothing -> add(claims));
    }

    /** On the event loop of this lane. */
    void add(List<Claimed> claims) {
        waiting.addAll(claims);
        pump();
    }

    /** Looks again whether attempts may start. From any thread; many calls are one. */
    void wake() {
        if (waking.compareAndSet(false, true)) {
            context.runOnContext(nothing -> {
                waking.set(false);
                pump();
            });
        }
    }

    /** The node was expelled: what waited is somebody else's now. From any thread. */
    void drop(UUID formerNode) {
        context.runOnContext(nothing -> {
            List<Claim> dropped = new ArrayList<>();
            waiting.removeIf(claimed -> claimed.claim().node().equals(formerNode) && dropped.add(claimed.claim()));
            release(dropped.size());
            sender.dropped(dropped);
        });
    }

    /**
     * An attempt is over. On the event loop.
     *
     * @param answered by HTTP, whatever it said
     */
    void ended(boolean answered) {
        inFlight--;
        caution.ended(answered);
        release(1);
        pump();
        if (backlogged && waiting.size() <= inFlight) {
            sender.roomIn(subscriptionId);
        }
    }

    Context context() {
        return context;
    }

    /** Places taken: reserved, waiting or in flight. */
    int held() {
        return held.get();
    }

    private void pump() {
        while (!waiting.isEmpty()) {
            LiveSubscription subscription = sender.subscription(subscriptionId);
            if (subscription == null || !mayAttempt(subscription) || sender.closing()) {
                giveBackWaiting();
                return;
            }
            if (!sender.mayStartAttempts()) {
                // the next good beat wakes every lane
                return;
            }
            if (dropFormer()) {
                continue;
            }
            if (!takePermit(caution.limit(subscription.settings().maxInflight()))) {
                return;
            }
            inFlight++;
            sender.attempt(this, waiting.remove(), subscription);
        }
    }

    private boolean takePermit(int limit) {
        if (sender.permits().take(inFlight, limit)) {
            return true;
        }
        if (inFlight >= limit) {
            return false;
        }
        sender.permits().await(wake);
        // one may have come back in between
        return sender.permits().take(inFlight, limit);
    }

    /** A claim of the node that this process was before it was expelled: somebody else has it. */
    private boolean dropFormer() {
        Claimed first = waiting.getFirst();
        if (first.claim().node().equals(sender.node())) {
            return false;
        }
        waiting.removeFirst();
        release(1);
        sender.dropped(List.of(first.claim()));
        return true;
    }

    private void giveBackWaiting() {
        List<Claimed> back = List.copyOf(waiting);
        waiting.clear();
        release(back.size());
        sender.giveBack(back.stream().map(Claimed::claim).toList());
    }
}
