package dev.fanfare.model;

import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.GateStore.Gate;
import dev.fanfare.delivery.Outcome;
import dev.fanfare.delivery.Reason;
import dev.fanfare.delivery.Settlement;
import dev.fanfare.dispatch.NodeMemory;
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
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One process without threads: what it knows, what it holds, and how it decides, as lanes and loops do in production. */
final class Node implements NodeRegistry.Listener {
    static final int MOST_INFLIGHT = 3;
    private static final int REMEMBERED = 20;

    /** An attempt under way, of the subscription as it was when it began. */
    record Attempt(Claim claim, LiveSubscription subscription) {}

    final World world;
    final UUID place;
    final Directory directory;
    final NodeMemory memory;
    final Places places;
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
        places = new Places(this);
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

    long underWay(UUID lane) {
        return underWay.stream()
                .filter(attempt -> attempt.claim().subscriptionId().equals(lane))
                .count();
    }

    /** The subscription, if it may be attempted as far as this node knows. */
    @Nullable
    LiveSubscription flowing(UUID lane) {
        LiveSubscription subscription = directory.find(lane);
        return subscription != null && mayAttempt(subscription) ? subscription : null;
    }

    boolean mayAttempt(LiveSubscription subscription) {
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
        world.model.wire.sent(world, first);
        Wire.mayBeSent(world, subscription, informed, gatesSeen);
        return true;
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
