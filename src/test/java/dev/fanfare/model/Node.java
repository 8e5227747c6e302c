package dev.fanfare.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.Claimed;
import dev.fanfare.delivery.GateStore.Gate;
import dev.fanfare.delivery.Outcome;
import dev.fanfare.delivery.Reason;
import dev.fanfare.delivery.Settlement;
import dev.fanfare.dispatch.NodeMemory;
import dev.fanfare.ingest.Handoff;
import dev.fanfare.model.Model.Lane;
import dev.fanfare.platform.Beats;
import dev.fanfare.platform.NodeRegistry;
import dev.fanfare.platform.OwnConnection;
import dev.fanfare.subscription.Directories;
import dev.fanfare.subscription.Directory;
import dev.fanfare.subscription.LiveSubscription;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One process without threads: what it knows, what it holds, and how it decides, as lanes and loops do in production. */
final class Node implements Handoff, NodeRegistry.Listener {
    static final int MOST_INFLIGHT = 3;
    private static final int PLACES = 6;
    private static final int REMEMBERED = 20;

    /** An attempt under way, of the subscription as it was when it began. */
    record Attempt(Claim claim, LiveSubscription subscription) {}

    final World world;
    final UUID place;
    final Directory directory;
    final NodeMemory memory;
    /** Claims that wait for their attempt, attempts under way, and outcomes that wait to be written. */
    final List<Claim> waiting = new ArrayList<>();

    final List<Attempt> underWay = new ArrayList<>();
    final List<Settlement> ended = new ArrayList<>();
    /** Claims that wait to be given back. */
    final List<Claim> unwanted = new ArrayList<>();

    /** What was written or given back of late: its answer may have been lost, then it is written again. */
    private final Deque<Settlement> written = new ArrayDeque<>();

    private final Deque<Claim> returned = new ArrayDeque<>();

    boolean frozen;
    private final OwnConnection connection;
    private final Beats beats;
    private final Map<UUID, Integer> reserved = new HashMap<>();
    private final Set<UUID> backlogged = new HashSet<>();
    private final Map<UUID, Long> goneVersions = new HashMap<>();
    private long known = -1;
    /** Ticks of the last look at subscriptions, and at gates. */
    private long informed;

    private long gatesSeen;

    Node(World world, UUID place) {
        this.world = world;
        this.place = place;
        connection = world.ownConnection();
        beats = new Beats(connection, world::nanoTime);
        directory = Directories.of(world.breaking);
        memory = new NodeMemory(world.breaking, beats.registry(), world.clock);
        directory.refreshAll();
        beats.registry().listen(this);
        beats.join(place, memory::floor);
        memory.refreshGates();
        informed = world.tick();
        gatesSeen = informed;
        world.nodes.add(this);
        world.lookAtNodes();
    }

    UUID id() {
        return beats.registry().id();
    }

    NodeRegistry registry() {
        return beats.registry();
    }

    /** The process ends; what it knew is lost. */
    void kill() {
        connection.close();
    }

    void beat() {
        beats.beat();
    }

    @Override
    public void beat(long routingVersion) {
        if (routingVersion != known) {
            learn();
            known = routingVersion;
        }
        informed = world.tick();
        memory.refreshGates();
        gatesSeen = world.tick();
    }

    /** Reads what has changed of subscriptions. */
    void learn() {
        directory.refreshAll();
        informed = world.tick();
    }

    @Override
    public void expelled(UUID formerId) {
        List<Claim> dropped =
                waiting.stream().filter(claim -> claim.node().equals(formerId)).toList();
        waiting.removeAll(dropped);
        memory.forget(dropped);
    }

    @Override
    public UUID node() {
        return id();
    }

    @Override
    public Instant opened() {
        return memory.opened();
    }

    @Override
    public void closed(Instant batch, boolean certain) {
        reserved.clear();
        memory.closed(batch, certain);
    }

    @Override
    public boolean reserve(LiveSubscription subscription, WireEvent event) {
        UUID lane = subscription.id();
        if (backlogged.contains(lane) || !mayAttempt(subscription)) {
            return false;
        }
        if (room(lane) <= 0) {
            backlogged.add(lane);
            return false;
        }
        reserved.merge(lane, 1, Integer::sum);
        return true;
    }

    @Override
    public void release(UUID subscriptionId, WireEvent event) {
        reserved.merge(subscriptionId, -1, Integer::sum);
    }

    @Override
    public void accepted(List<Claimed> claimed, Collection<UUID> queuedLanes) {
        List<UUID> order = List.copyOf(world.model.lanes.keySet());
        claimed.stream()
                .map(Claimed::claim)
                .sorted(Comparator.comparingInt(claim -> order.indexOf(claim.subscriptionId())))
                .forEach(claim -> {
                    reserved.merge(claim.subscriptionId(), -1, Integer::sum);
                    hold(claim);
                });
    }

    void settled(List<Settlement> group) {
        ended.removeAll(group);
        memory.forget(group.stream().map(Settlement::claim).toList());
        remember(written, group);
    }

    void gaveBack(List<Claim> group) {
        unwanted.removeAll(group);
        memory.forget(group);
        remember(returned, group);
    }

    private static <T> void remember(Deque<T> recent, List<T> more) {
        recent.addAll(more);
        while (recent.size() > REMEMBERED) {
            recent.removeFirst();
        }
    }

    List<Settlement> written() {
        return List.copyOf(written);
    }

    List<Claim> returned() {
        return List.copyOf(returned);
    }

    void hold(Claim claim) {
        memory.hold(claim);
        waiting.add(claim);
    }

    /** Places left in a lane. */
    int room(UUID lane) {
        long held = waiting.stream()
                        .filter(claim -> claim.subscriptionId().equals(lane))
                        .count()
                + underWay(lane);
        return PLACES - (int) held - reserved.getOrDefault(lane, 0);
    }

    private long underWay(UUID lane) {
        return underWay.stream()
                .filter(attempt -> attempt.claim().subscriptionId().equals(lane))
                .count();
    }

    void claimed(UUID lane, boolean full) {
        if (full) {
            backlogged.add(lane);
        } else {
            backlogged.remove(lane);
        }
    }

    /** The subscription, if it may be attempted as far as this node knows. */
    @Nullable
    LiveSubscription flowing(UUID lane) {
        LiveSubscription subscription = directory.find(lane);
        return subscription != null && mayAttempt(subscription) ? subscription : null;
    }

    private boolean mayAttempt(LiveSubscription subscription) {
        return subscription.state() == LiveSubscription.State.ACTIVE
                && subscription.routingVersion() > goneVersions.getOrDefault(subscription.id(), -1L)
                && memory.gateOpen(subscription);
    }

    /** The next turn of a lane: sends what waited first there, or gives all of it back. False when it has to wait. */
    boolean pump(UUID lane) {
        List<Claim> line = waiting.stream()
                .filter(claim -> claim.subscriptionId().equals(lane))
                .toList();
        LiveSubscription subscription = flowing(lane);
        if (subscription == null) {
            waiting.removeAll(line);
            unwanted.addAll(line);
            return true;
        }
        if (!registry().mayStartAttempts()) {
            return false;
        }
        Claim first = line.get(0);
        if (!first.node().equals(id())) {
            waiting.remove(first);
            memory.forget(List.of(first));
            return true;
        }
        if (underWay(lane) >= MOST_INFLIGHT) {
            return false;
        }
        waiting.remove(first);
        underWay.add(new Attempt(first, subscription));
        maySend(first, subscription);
        return true;
    }

    /** To whom is not active, or whose gate is closed, only who cannot know yet sends. */
    private void maySend(Claim claim, LiveSubscription subscription) {
        world.model.sent(claim);
        assertThat(world.lives(claim.node())).as("sent by a living node").isTrue();
        Lane lane = world.model.lanes.get(claim.subscriptionId());
        if (lane == null) {
            return;
        }
        if (lane.changed <= informed) {
            assertThat(lane.state).as("state of %s, sent to", lane.id).isEqualTo("active");
        }
        if (lane.gate != null && lane.gate.since() < gatesSeen) {
            // the clock may have been set back a little since its time had come
            boolean closed = lane.gate.sinkRevision() == subscription.sinkRevision()
                    && lane.gate.until().isAfter(world.now().plusSeconds(10));
            assertThat(closed).as("gate of %s, sent to", lane.id).isFalse();
        }
    }

    /** An attempt ends with this answer; 0: none. */
    void answer(Attempt attempt, int status, @Nullable Duration retryAfter) {
        underWay.remove(attempt);
        Reason failure = status / 100 == 2 ? null : status == 0 ? Reason.TIMEOUT : Reason.HTTPSTATUS;
        Instant started = world.now().minusMillis(40);
        Outcome outcome =
                new Outcome(started, 40, "192.0.2.1", status, failure, retryAfter, new byte[0], new byte[0], false);
        LiveSubscription current = directory.find(attempt.subscription().id());
        boolean sinkCurrent = current != null
                && current.sinkRevision() == attempt.subscription().sinkRevision();
        Settlement settlement = Settlement.of(attempt.claim(), outcome, attempt.subscription(), sinkCurrent, 0.5);
        if (settlement.disables()) {
            goneVersions.merge(
                    attempt.subscription().id(), attempt.subscription().routingVersion(), Math::max);
        }
        Instant closedUntil = settlement.laneClosedUntil();
        if (closedUntil != null) {
            memory.close(
                    new Gate(attempt.subscription().id(), attempt.subscription().sinkRevision(), closedUntil));
        }
        ended.add(settlement);
    }
}
