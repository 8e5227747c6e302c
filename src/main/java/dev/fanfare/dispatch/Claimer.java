package dev.fanfare.dispatch;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.summingInt;

import dev.fanfare.delivery.CancelStore;
import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.ClaimStore;
import dev.fanfare.delivery.ClaimStore.Due;
import dev.fanfare.delivery.ClaimStore.Loaded;
import dev.fanfare.delivery.ClaimStore.Want;
import dev.fanfare.delivery.Claimed;
import dev.fanfare.delivery.GiveBackStore;
import dev.fanfare.delivery.Reason;
import dev.fanfare.platform.DatabaseException;
import dev.fanfare.platform.NodeRegistry;
import dev.fanfare.subscription.Directory;
import dev.fanfare.subscription.LiveSubscription;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Brings due deliveries from the queue to their lanes. Keeps the set of lanes that have work; a cheap look each second
 * finds lanes with newly due rows, a full look each minute repairs what that one missed.
 */
@ApplicationScoped
public class Claimer {
    static final Duration LOOK = Duration.ofSeconds(1);
    static final Duration FULL_LOOK = Duration.ofMinutes(1);

    /** A delivery that so many nodes died with is not attempted again. */
    private static final int LOST_TOO_OFTEN = 5;

    private static final Logger LOG = Logger.getLogger(Claimer.class);

    private final ClaimStore store;
    private final GiveBackStore giveBacks;
    private final CancelStore cancels;
    private final Lanes lanes;
    private final Gates gates;
    private final Directory directory;
    private final NodeRegistry nodes;
    private final Holdings holdings;
    private final Settler settler;
    private final DeliveryMetrics metrics;
    private final InstantSource clock;
    private final DispatchConfig config;

    private final Set<UUID> ready = ConcurrentHashMap.newKeySet();
    private final Set<UUID> withoutFloor = ConcurrentHashMap.newKeySet();
    private final Semaphore work = new Semaphore(0);
    private Instant lastLook = Instant.EPOCH;
    private Instant lastFullLook = Instant.EPOCH;
    private int turn;
    private final Suspects suspects;
    /** Rows of the next claim: fewer when the last one was more than memory took. */
    private int batch;

    public Claimer(
            ClaimStore store,
            GiveBackStore giveBacks,
            CancelStore cancels,
            Lanes lanes,
            Gates gates,
            Directory directory,
            NodeRegistry nodes,
            Holdings holdings,
            Settler settler,
            DeliveryMetrics metrics,
            InstantSource clock,
            DispatchConfig config) {
        this.store = store;
        this.giveBacks = giveBacks;
        this.cancels = cancels;
        this.lanes = lanes;
        this.gates = gates;
        this.directory = directory;
        this.nodes = nodes;
        this.holdings = holdings;
        this.settler = settler;
        this.metrics = metrics;
        this.clock = clock;
        this.config = config;
        this.suspects = new Suspects(holdings);
        this.batch = config.claimBatch();
    }

    /** Something may be due in these lanes. From any thread. */
    void ready(Iterable<UUID> subscriptions) {
        boolean added = false;
        for (UUID id : subscriptions) {
            added |= ready.add(id);
        }
        if (added) {
            work.release();
        }
    }

    /** A lane that has work in the queue has room again. From any thread. */
    void roomIn(UUID subscription) {
        if (ready.contains(subscription) && work.availablePermits() == 0) {
            work.release();
        }
    }

    /** Waits until a lane may have work, or until the next look. */
    void await() throws InterruptedException {
        if (work.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
            work.drainPermits();
        }
    }

    /**
     * Looks where it is time to look, and claims once.
     *
     * @return deliveries brought to their lanes
     */
    int pass() {
        if (!nodes.mayStartAttempts()) {
            return 0;
        }
        Instant now = clock.instant();
        look(now);
        int suspect = bringSuspect(now);
        Map<UUID, Want> wants = wants();
        return suspect + (wants.isEmpty() ? 0 : claim(wants, now));
    }

    /** Gives back what waits here; after the last pass. */
    void close() {
        settler.giveBack(suspects.takeAll());
    }

    private int bringSuspect(Instant now) {
        Claim suspect = suspects.next(nodes.id());
        if (suspect == null) {
            return 0;
        }
        UUID id = suspect.subscriptionId();
        LiveSubscription subscription = directory.find(id);
        holdings.remove(suspect);
        if (subscription == null
                || !lanes.of(id).mayAttempt(subscription)
                || lanes.of(id).reserve(subscription, 1) == 0) {
            settler.giveBack(List.of(suspect));
            return 0;
        }
        return bring(List.of(suspect), Map.of(), new HashMap<>(Map.of(id, 1)), now)
                .claimed()
                .size();
    }

    /** Reads the closed gates before the first delivery may go out. */
    void openGates() {
        ready.addAll(gates.refresh());
    }

    private void look(Instant now) {
        if (Duration.between(lastFullLook, now).compareTo(FULL_LOOK) >= 0) {
            openGates();
            Set<UUID> found = store.allLanesDue(now);
            withoutFloor.addAll(found);
            ready.addAll(found);
            lastFullLook = now;
            lastLook = now;
        } else if (Duration.between(lastLook, now).compareTo(LOOK) >= 0) {
            openGates();
            ready.addAll(store.lanesDue(lastLook, now));
            lastLook = now;
        }
    }

    /** What the lanes with work have room for, a different one first each time. */
    private Map<UUID, Want> wants() {
        List<UUID> order = new ArrayList<>(ready);
        Collections.rotate(order, -turn++ % Math.max(1, order.size()));
        Map<UUID, Want> wants = new HashMap<>();
        long memory = config.memory().asLongValue();
        int left = holdings.bytes() < memory ? batch : 0;
        for (UUID id : order) {
            LiveSubscription subscription = directory.find(id);
            if (subscription == null || !lanes.of(id).mayAttempt(subscription)) {
                // resumed, or its gate opened: whoever notices says ready again
                ready.remove(id);
                continue;
            }
            Lane lane = lanes.of(id);
            int room = holdings.mayTake(id, 0, memory) ? lane.reserve(subscription, left) : 0;
            if (room > 0) {
                wants.put(id, new Want(id, room, withoutFloor.remove(id) ? Instant.EPOCH : lane.floor()));
                left -= room;
            }
            if (left == 0) {
                break;
            }
        }
        return wants;
    }

    private int claim(Map<UUID, Want> wants, Instant now) {
        Map<UUID, Integer> places = new HashMap<>();
        wants.values().forEach(want -> places.put(want.subscriptionId(), want.room()));
        List<Due> due;
        try {
            due = store.claim(nodes.id(), wants.values(), now);
        } catch (DatabaseException failure) {
            places.forEach((id, unused) -> lanes.of(id).release(unused));
            throw failure;
        }
        Map<Claim, Instant> dueAt = new HashMap<>();
        due.forEach(one -> dueAt.put(one.claim(), one.dueAt()));
        Loaded loaded = bring(attemptable(due, now), dueAt, places, now);
        settleLanes(wants, loaded, dueAt);
        batch = loaded.over().isEmpty()
                ? Math.min(config.claimBatch(), batch * 2)
                : Math.max(1, loaded.claimed().size());
        return loaded.claimed().size();
    }

    /** Brings claims to their lanes, where places are reserved for them; what is not needed of those is released. */
    private Loaded bring(List<Claim> claims, Map<Claim, Instant> dueAt, Map<UUID, Integer> places, Instant now) {
        try {
            Loaded loaded = load(claims, dueAt);
            handOver(loaded.claimed(), places);
            buryLost(claims, loaded, now);
            return loaded;
        } finally {
            places.forEach((id, unused) -> lanes.of(id).release(unused));
        }
    }

    /** Reads the events, as many as there is memory for; the other claims are given back, due when they were. */
    private Loaded load(List<Claim> claims, Map<Claim, Instant> dueAt) {
        if (claims.isEmpty()) {
            return new Loaded(List.of(), List.of());
        }
        try {
            Loaded loaded = store.load(claims, config.memory().asLongValue() - holdings.bytes());
            giveBack(loaded.over(), dueAt);
            return loaded;
        } catch (DatabaseException failure) {
            giveBack(claims, dueAt);
            throw failure;
        }
    }

    private void giveBack(List<Claim> claims, Map<Claim, Instant> dueAt) {
        if (!claims.isEmpty()) {
            Instant now = clock.instant();
            giveBacks.giveBackInOrder(
                    nodes.id(),
                    claims.stream()
                            .map(claim -> new Due(claim, dueAt.getOrDefault(claim, now)))
                            .toList());
        }
    }

    /** Buries what node after node died with, sets suspects aside for their turn, and returns the rest. */
    private List<Claim> attemptable(List<Due> due, Instant now) {
        List<Claim> poison = new ArrayList<>();
        List<Claim> rest = new ArrayList<>();
        for (Due one : due) {
            if (one.claim().lost() >= LOST_TOO_OFTEN) {
                poison.add(one.claim());
            } else if (Suspects.isSuspect(one.claim())) {
                suspects.add(one.claim());
            } else {
                rest.add(one.claim());
            }
        }
        if (!poison.isEmpty()) {
            LOG.warnf("%d deliveries are dead: node after node was lost while it had them", poison.size());
            bury(poison, Reason.LOSTWITHNODE, now);
        }
        return rest;
    }

    /** A lane whose claim was not full, and was kept whole, is direct again and has nothing more to claim. */
    private void settleLanes(Map<UUID, Want> wants, Loaded loaded, Map<Claim, Instant> dueAt) {
        Set<UUID> cut = new HashSet<>();
        loaded.over().forEach(claim -> cut.add(claim.subscriptionId()));
        Map<UUID, Integer> counts = new HashMap<>();
        dueAt.keySet().forEach(claim -> counts.merge(claim.subscriptionId(), 1, Integer::sum));
        // what was given back lies behind it: the lane's floor must not pass that
        Map<UUID, Instant> last = new HashMap<>();
        for (Claimed one : loaded.claimed()) {
            Instant due = dueAt.get(one.claim());
            if (due != null) {
                last.merge(one.claim().subscriptionId(), due, (x, y) -> x.isAfter(y) ? x : y);
            }
        }
        for (Want want : wants.values()) {
            UUID id = want.subscriptionId();
            boolean full = counts.getOrDefault(id, 0) >= want.room() || cut.contains(id);
            lanes.of(id).claimed(full, last.get(id));
            if (!full) {
                ready.remove(id);
            }
        }
    }

    private void handOver(List<Claimed> loaded, Map<UUID, Integer> unused) {
        Map<UUID, List<Claimed>> byLane = new HashMap<>();
        for (Claimed claimed : loaded) {
            int bytes = claimed.event().dataBytes().length;
            holdings.reserveBytes(claimed.claim().subscriptionId(), bytes);
            holdings.add(claimed.claim(), bytes);
            unused.merge(claimed.claim().subscriptionId(), -1, Integer::sum);
            byLane.computeIfAbsent(claimed.claim().subscriptionId(), id -> new ArrayList<>())
                    .add(claimed);
        }
        byLane.forEach((id, claims) -> lanes.of(id).handOver(claims));
    }

    /** A delivery whose history is gone cannot be sent any more. */
    private void buryLost(List<Claim> claims, Loaded loaded, Instant now) {
        Set<UUID> found = new HashSet<>();
        loaded.claimed().forEach(one -> found.add(one.claim().id()));
        loaded.over().forEach(claim -> found.add(claim.id()));
        List<Claim> lost =
                claims.stream().filter(claim -> !found.contains(claim.id())).toList();
        if (!lost.isEmpty()) {
            LOG.errorf("The events of %d deliveries are gone; they leave the queue", lost.size());
            bury(lost, Reason.EXPIRED, now);
        }
    }

    private void bury(List<Claim> claims, Reason reason, Instant now) {
        cancels.bury(nodes.id(), claims, reason, now);
        claims.stream()
                .collect(groupingBy(Claim::subscriptionId, summingInt(claim -> 1)))
                .forEach((id, count) -> metrics.givenUp(id, reason.word(), count));
    }
}
