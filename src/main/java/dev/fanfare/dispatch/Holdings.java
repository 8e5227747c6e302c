package dev.fanfare.dispatch;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.Claimed;
import dev.fanfare.platform.Ids;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What this node holds: every claim from the moment it is handed over until it is settled or given back, and the
 * accepts that are under way. The database is compared with it.
 */
@Singleton
public class Holdings {
    /** Ids are made this close to now, at most; the floor of a node that holds nothing. */
    private static final Duration MARGIN = Duration.ofSeconds(10);

    private final InstantSource clock;
    private final Map<UUID, Held> held = new ConcurrentHashMap<>();
    private final Map<Instant, AtomicInteger> openAccepts = new ConcurrentHashMap<>();
    /** Accepts whose end is unknown, and how often the database was looked at for them. */
    private final Map<Instant, Integer> doubtfulAccepts = new ConcurrentHashMap<>();

    private final AtomicLong bytes = new AtomicLong();
    /** How many deliveries share an event, by the object itself: an event that was read twice is there twice. */
    private final Map<WireEvent, Integer> sharers = new ConcurrentHashMap<>();

    private final Map<UUID, Long> bytesByLane = new ConcurrentHashMap<>();

    public Holdings(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Begins an accept; its ids carry the time that this returns. The time is read in here: no floor that was told
     * before can be above it, however long the thread was stopped.
     */
    synchronized Instant opened() {
        Instant accept = clock.instant();
        openAccepts.computeIfAbsent(accept, key -> new AtomicInteger()).incrementAndGet();
        return accept;
    }

    void closed(Instant accept, boolean certain) {
        if (!certain) {
            doubtfulAccepts.put(accept, 0);
        }
        openAccepts.computeIfPresent(accept, (key, count) -> count.decrementAndGet() == 0 ? null : count);
    }

    /**
     * The database was compared with what is held here. Accepts with an unknown end keep the floor until that was done
     * more than {@code enough} times, however long the database was away in between: whatever they committed has been
     * given back by then.
     *
     * @param until what was accepted before is certain to be visible
     */
    void compared(Instant until, int enough) {
        doubtfulAccepts.replaceAll((accept, looks) -> accept.isBefore(until) ? looks + 1 : looks);
        doubtfulAccepts.values().removeIf(looks -> looks > enough);
    }

    private record Held(Claim claim, @Nullable WireEvent event) {}

    /** Memory of a delivery that is to wait here; it counts until {@link #release} or {@link #remove}. */
    void reserve(UUID lane, WireEvent event) {
        boolean first = sharers.merge(event, 1, Integer::sum) == 1;
        bytes.addAndGet(Claimed.HEAP_BYTES + (first ? event.heapBytes() : 0));
        bytesByLane.merge(lane, kept(event), Long::sum);
    }

    void release(UUID lane, WireEvent event) {
        boolean last = sharers.computeIfPresent(event, (same, count) -> count == 1 ? null : Integer.valueOf(count - 1))
                == null;
        bytes.addAndGet(-Claimed.HEAP_BYTES - (last ? event.heapBytes() : 0));
        bytesByLane.computeIfPresent(lane, (id, held) -> held == kept(event) ? null : Long.valueOf(held - kept(event)));
    }

    /** What a lane keeps in memory with one delivery, should it be the last one of its event. */
    private static long kept(WireEvent event) {
        return Claimed.HEAP_BYTES + event.heapBytes();
    }

    /** Whether a lane has memory left: one that holds something has at most a quarter of what is free. */
    boolean mayTake(UUID lane, long memory) {
        return mayTake(lane, 0, memory);
    }

    /** Whether a lane may take this one more. */
    boolean mayTake(UUID lane, WireEvent event, long memory) {
        return mayTake(lane, kept(event), memory);
    }

    private boolean mayTake(UUID lane, long more, long memory) {
        long free = memory - bytes.get();
        long held = bytesByLane.getOrDefault(lane, 0L);
        return free > 0 && (held == 0 || held + more <= free / 4);
    }

    /**
     * Holds a claim.
     *
     * @param event whose memory has been reserved; null when the claim waits without it
     */
    void add(Claim claim, @Nullable WireEvent event) {
        Held former = held.put(claim.id(), new Held(claim, event));
        if (former != null) {
            // a claim that was lost with this process's former registration, while its attempt still runs
            release(former);
        }
    }

    private void release(Held entry) {
        if (entry.event() != null) {
            release(entry.claim().subscriptionId(), entry.event());
        }
    }

    /** Forgets a claim; a newer claim of the same delivery stays. */
    void remove(Claim claim) {
        held.computeIfPresent(claim.id(), (id, entry) -> {
            if (entry.claim().number() != claim.number()
                    || !entry.claim().node().equals(claim.node())) {
                return entry;
            }
            release(entry);
            return null;
        });
    }

    void removeAll(Collection<Claim> claims) {
        claims.forEach(this::remove);
    }

    boolean holds(UUID id, int claimNumber) {
        Held entry = held.get(id);
        return entry != null && entry.claim().number() == claimNumber;
    }

    /** Claims held. */
    int count() {
        return held.size();
    }

    /** Heap in bytes of what is reserved or held, estimated from above; an event counts once for all its deliveries. */
    long bytes() {
        return bytes.get();
    }

    /** The lowest delivery id that this node may hold in flight without a queue row, now or with an accept under way. */
    synchronized UUID floor() {
        Instant now = clock.instant();
        long lowest = now.minus(MARGIN).toEpochMilli();
        for (Instant accept : openAccepts.keySet()) {
            lowest = Math.min(lowest, accept.toEpochMilli());
        }
        for (Instant accept : doubtfulAccepts.keySet()) {
            lowest = Math.min(lowest, accept.toEpochMilli());
        }
        for (Held entry : held.values()) {
            if (entry.claim().fresh()) {
                lowest = Math.min(lowest, Ids.millisOf(entry.claim().id()));
            }
        }
        return Ids.lowest(Instant.ofEpochMilli(lowest));
    }
}
