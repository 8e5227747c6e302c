package dev.fanfare.dispatch;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.summingInt;

import dev.fanfare.delivery.CancelStore;
import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.ClaimStore;
import dev.fanfare.delivery.ClaimStore.Due;
import dev.fanfare.delivery.ClaimStore.Loaded;
import dev.fanfare.delivery.Claimed;
import dev.fanfare.delivery.GiveBackStore;
import dev.fanfare.delivery.Reason;
import dev.fanfare.platform.DatabaseException;
import dev.fanfare.platform.NodeRegistry;
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

/** Reads the events of claims and brings them to their lanes, as many as there is memory for. */
@Singleton
public class Loader {
    private static final Logger LOG = Logger.getLogger(Loader.class);

    private final ClaimStore store;
    private final GiveBackStore giveBacks;
    private final CancelStore cancels;
    private final Lanes lanes;
    private final NodeRegistry nodes;
    private final Holdings holdings;
    private final DeliveryMetrics metrics;
    private final InstantSource clock;
    private final DispatchConfig config;

    public Loader(
            ClaimStore store,
            GiveBackStore giveBacks,
            CancelStore cancels,
            Lanes lanes,
            NodeRegistry nodes,
            Holdings holdings,
            DeliveryMetrics metrics,
            InstantSource clock,
            DispatchConfig config) {
        this.store = store;
        this.giveBacks = giveBacks;
        this.cancels = cancels;
        this.lanes = lanes;
        this.nodes = nodes;
        this.holdings = holdings;
        this.metrics = metrics;
        this.clock = clock;
        this.config = config;
    }

    /** Brings claims to their lanes, where places are reserved for them; what is not needed of those is released. */
    Loaded bring(List<Claim> claims, Map<Claim, Instant> dueAt, Map<UUID, Integer> places, Instant now) {
        try {
            Loaded loaded = load(claims, dueAt);
            handOver(loaded.claimed(), places);
            buryLost(claims, loaded, now);
            buryUnreadable(loaded.unreadable(), now);
            return loaded;
        } finally {
            places.forEach((id, unused) -> lanes.of(id).release(unused));
        }
    }

    /** Reads the events, as many as there is memory for; the other claims are given back, due when they were. */
    private Loaded load(List<Claim> claims, Map<Claim, Instant> dueAt) {
        if (claims.isEmpty()) {
            return new Loaded(List.of(), List.of(), List.of());
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

    private void handOver(List<Claimed> loaded, Map<UUID, Integer> unused) {
        Map<UUID, List<Claimed>> byLane = new HashMap<>();
        for (Claimed claimed : loaded) {
            holdings.reserve(claimed.claim().subscriptionId(), claimed.event());
            holdings.add(claimed.claim(), claimed.event());
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
        loaded.unreadable().forEach(claim -> found.add(claim.id()));
        List<Claim> lost =
                claims.stream().filter(claim -> !found.contains(claim.id())).toList();
        if (!lost.isEmpty()) {
            LOG.errorf("The events of %d deliveries are gone; they leave the queue", lost.size());
            bury(lost, Reason.EXPIRED, now);
        }
    }

    /** One that cannot be sent must not hold up those that were claimed with it. */
    private void buryUnreadable(List<Claim> unreadable, Instant now) {
        if (!unreadable.isEmpty()) {
            LOG.errorf("The events of %d deliveries cannot be read; they are given up", unreadable.size());
            bury(unreadable, Reason.UNREADABLE, now);
        }
    }

    /** Makes claims dead that are not to be attempted any more. */
    void bury(List<Claim> claims, Reason reason, Instant now) {
        cancels.bury(nodes.id(), claims, reason, now);
        claims.stream()
                .collect(groupingBy(Claim::subscriptionId, summingInt(claim -> 1)))
                .forEach((id, count) -> metrics.givenUp(id, reason.word(), count));
    }
}
