package dev.fanfare.dispatch;

import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.ClaimStore;
import dev.fanfare.delivery.ClaimStore.Due;
import dev.fanfare.delivery.ClaimStore.Loaded;
import dev.fanfare.delivery.ClaimStore.Want;
import dev.fanfare.delivery.Claimed;
import dev.fanfare.delivery.Reason;
import dev.fanfare.platform.NodeRegistry;
import dev.fanfare.subscription.Directory;
import dev.fanfare.subscription.LiveSubscription;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Claims due deliveries from the queue for the lanes that have work and room. */
@Singleton
public class Claimer {
    /** A delivery that so many nodes died with is not attempted again. */
    private static final int LOST_TOO_OFTEN = 5;

    private static final Logger LOG = Logger.getLogger(Claimer.class);

    private final ClaimStore store;
    private final ReadyLanes ready;
    private final Loader loader;
    private final Lanes lanes;
    private final Gates gates;
    private final Directory directory;
    private final NodeRegistry nodes;
    private final Holdings holdings;
    private final Settler settler;
    private final InstantSource clock;
    private final DispatchConfig config;
    private final Suspects suspects;
    /** Rows of the next claim: fewer when the last one was more than memory took. */
    private int batch;

    public Claimer(
            ClaimStore store,
            ReadyLanes ready,
            Loader loader,
            Lanes lanes,
            Gates gates,
            Directory directory,
            NodeRegistry nodes,
            Holdings holdings,
            Settler settler,
            InstantSource clock,
            DispatchConfig config) {
        this.store = store;
        this.ready = ready;
        this.loader = loader;
        this.lanes = lanes;
        this.gates = gates;
        this.directory = directory;
        this.nodes = nodes;
        this.holdings = holdings;
        this.settler = settler;
        this.clock = clock;
        this.config = config;
        this.suspects = new Suspects(holdings);
        this.batch = config.claimBatch();
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
        if (ready.mayLook(now)) {
            openGates();
            ready.look(now);
        }
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
        LiveSubscription subscription = flowing(id);
        holdings.remove(suspect);
        if (subscription == null || lanes.of(id).reserve(subscription, 1) == 0) {
            settler.giveBack(List.of(suspect));
            return 0;
        }
        return loader.bring(List.of(suspect), Map.of(), new HashMap<>(Map.of(id, 1)), now)
                .claimed()
                .size();
    }

    /** Reads the closed gates before the first delivery may go out. */
    void openGates() {
        ready.add(gates.refresh());
    }

    /** What the lanes with work have room for. The batch is shared equally among those that can take any of it. */
    private Map<UUID, Want> wants() {
        Map<UUID, Want> wants = new HashMap<>();
        long memory = config.memory().asLongValue();
        List<LiveSubscription> able = holdings.bytes() < memory ? able(memory) : List.of();
        int left = batch;
        for (int i = 0; i < able.size() && left > 0; i++) {
            UUID id = able.get(i).id();
            Lane lane = lanes.of(id);
            int room = lane.reserve(able.get(i), Math.max(1, left / (able.size() - i)));
            if (room > 0) {
                wants.put(id, new Want(id, room, ready.floor(lane)));
                left -= room;
                // before the claim: what is added while it runs must not be forgotten after it
                ready.remove(id);
            }
        }
        return wants;
    }

    /** Whose deliveries may be attempted and have a place; a different one first each time. */
    private List<LiveSubscription> able(long memory) {
        List<LiveSubscription> able = new ArrayList<>();
        for (UUID id : ready.inTurn()) {
            LiveSubscription subscription = flowing(id);
            if (subscription == null) {
                // resumed, or its gate opened: whoever notices says ready again, unless that was just before the
                // removal
                ready.remove(id);
                subscription = flowing(id);
                if (subscription == null) {
                    continue;
                }
                ready.add(List.of(id));
            }
            if (lanes.of(id).hasRoom(subscription) && holdings.mayTake(id, memory)) {
                able.add(subscription);
            }
        }
        return able;
    }

    /** The subscription, if its deliveries may be attempted now. */
    private @Nullable LiveSubscription flowing(UUID id) {
        LiveSubscription subscription = directory.find(id);
        return subscription != null && lanes.of(id).mayAttempt(subscription) ? subscription : null;
    }

    private int claim(Map<UUID, Want> wants, Instant now) {
        boolean done = false;
        try {
            Map<UUID, Integer> places = new HashMap<>();
            wants.values().forEach(want -> places.put(want.subscriptionId(), want.room()));
            Map<Claim, Instant> dueAt = new HashMap<>();
            List<Claim> claims = take(wants, places, dueAt, now);
            Loaded loaded = loader.bring(claims, dueAt, places, now);
            settleLanes(wants, loaded, dueAt);
            batch = loaded.over().isEmpty()
                    ? Math.min(config.claimBatch(), batch * 2)
                    : Math.max(1, loaded.claimed().size());
            done = true;
            return loaded.claimed().size();
        } finally {
            if (!done) {
                ready.add(wants.keySet());
            }
        }
    }

    private List<Claim> take(Map<UUID, Want> wants, Map<UUID, Integer> places, Map<Claim, Instant> dueAt, Instant now) {
        try {
            List<Due> due = store.claim(nodes.id(), wants.values(), now);
            due.forEach(one -> dueAt.put(one.claim(), one.dueAt()));
            return attemptable(due, now);
        } catch (RuntimeException | Error failure) {
            places.forEach((id, unused) -> lanes.of(id).release(unused));
            throw failure;
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
            loader.bury(poison, Reason.LOSTWITHNODE, now);
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
            if (full) {
                ready.add(List.of(id));
            }
        }
    }
}
