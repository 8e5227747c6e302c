package dev.fanfare.bench;

import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** What became of every event of one run at every hook; times are {@link System#nanoTime}. */
final class Account {
    private static final long LONGEST_MICROS = Duration.ofHours(1).toNanos() / 1_000;

    /** Part of each event's id. */
    final int run;

    final int capacity;
    final int hooks;
    /** Microseconds from when an event was to be sent to its 202. */
    final Histogram ack = new ConcurrentHistogram(LONGEST_MICROS, 3);
    /** Microseconds from when an event was to be sent to its arrival at a hook. */
    final Histogram delivered = new ConcurrentHistogram(LONGEST_MICROS, 3);

    final AtomicInteger acked = new AtomicInteger();
    /** Answers other than 202, and connections that broke: the event is sent again. */
    final AtomicInteger refused = new AtomicInteger();

    final AtomicInteger arrived = new AtomicInteger();
    final AtomicInteger duplicates = new AtomicInteger();
    final AtomicLong lastAck = new AtomicLong(System.nanoTime());
    /** 0 until then. */
    final AtomicLong firstArrival = new AtomicLong();

    final AtomicLong lastArrival = new AtomicLong(System.nanoTime());
    final BitSet unanswering;
    private final AtomicLongArray sentAt;
    private final AtomicIntegerArray isAcked;
    private final AtomicIntegerArray arrivals;

    /** @param unanswering hooks that never answer, where nothing arrives */
    Account(int run, int capacity, int hooks, BitSet unanswering) {
        this.run = run;
        this.capacity = capacity;
        this.hooks = hooks;
        this.unanswering = unanswering;
        this.sentAt = new AtomicLongArray(capacity);
        this.isAcked = new AtomicIntegerArray(capacity);
        this.arrivals = new AtomicIntegerArray(Math.multiplyExact(capacity, hooks));
    }

    void sent(int event, long at) {
        sentAt.setRelease(event, at);
    }

    void acknowledged(int event, long now) {
        if (isAcked.getAndSet(event, 1) == 0) {
            ack.recordValue(micros(event, now));
            lastAck.set(now);
            acked.incrementAndGet();
        }
    }

    /** False when the hook is one that does not answer. */
    boolean arrived(int event, int hook, long now) {
        if (unanswering.get(hook)) {
            return false;
        }
        if (arrivals.getAndIncrement(event * hooks + hook) == 0) {
            delivered.recordValue(micros(event, now));
            lastArrival.set(now);
            firstArrival.compareAndSet(0, now);
            arrived.incrementAndGet();
        } else {
            duplicates.incrementAndGet();
        }
        return true;
    }

    private long micros(int event, long now) {
        return Math.min(LONGEST_MICROS, Math.max(0, (now - sentAt.getAcquire(event)) / 1_000));
    }

    /** Acknowledged events times the hooks that answer. */
    int expected() {
        return acked.get() * (hooks - unanswering.cardinality());
    }

    /** Waits until everything acknowledged has arrived, or nothing more has for {@code patience}. */
    void awaitArrivals(Duration patience) throws InterruptedException {
        long start = System.nanoTime();
        while (missing() > 0 && System.nanoTime() - Math.max(start, lastArrival.get()) < patience.toNanos()) {
            Thread.sleep(5); // looked at seldom: a signal with each arrival would slow the receiver down
        }
    }

    /** Deliveries of acknowledged events that have not arrived. */
    int missing() {
        // an event may arrive before its acknowledgement does, or without it: counting alone does not do
        if (arrived.get() < expected()) {
            return expected() - arrived.get();
        }
        int missing = 0;
        for (int event = 0; event < capacity; event++) {
            for (int hook = 0; isAcked.get(event) == 1 && hook < hooks; hook++) {
                if (!unanswering.get(hook) && arrivals.get(event * hooks + hook) == 0) {
                    missing++;
                }
            }
        }
        return missing;
    }
}
