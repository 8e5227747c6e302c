package dev.fanfare.dispatch;

import dev.fanfare.attempt.AttemptRequest;
import dev.fanfare.attempt.Attempter;
import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.Claimed;
import dev.fanfare.delivery.GateStore.Gate;
import dev.fanfare.delivery.Outcome;
import dev.fanfare.delivery.Settlement;
import dev.fanfare.platform.NodeRegistry;
import dev.fanfare.platform.TypeId;
import dev.fanfare.subscription.Directory;
import dev.fanfare.subscription.LiveSubscription;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Attempts what lanes let through, and passes what came of it to the settler. */
@Singleton
public class Sender {
    private final Attempter attempter;
    private final Directory directory;
    private final Gates gates;
    private final NodeRegistry nodes;
    private final Settler settler;
    private final DeliveryMetrics metrics;
    private volatile Consumer<UUID> room = lane -> {};
    private volatile boolean closing;

    public Sender(
            Attempter attempter,
            Directory directory,
            Gates gates,
            NodeRegistry nodes,
            Settler settler,
            DeliveryMetrics metrics) {
        this.attempter = attempter;
        this.directory = directory;
        this.gates = gates;
        this.nodes = nodes;
        this.settler = settler;
        this.metrics = metrics;
    }

    @Nullable
    LiveSubscription subscription(UUID id) {
        return directory.find(id);
    }

    boolean gateOpen(LiveSubscription subscription) {
        return gates.open(subscription);
    }

    boolean mayStartAttempts() {
        return nodes.mayStartAttempts();
    }

    /** The node in whose name attempts may start. */
    UUID node() {
        return nodes.id();
    }

    Permits permits() {
        return settler.permits();
    }

    /** Who is told when a backlogged lane has room again. */
    void onRoom(Consumer<UUID> listener) {
        room = listener;
    }

    void roomIn(UUID lane) {
        room.accept(lane);
    }

    /** From now on lanes give back what waits. */
    void close() {
        closing = true;
    }

    boolean closing() {
        return closing;
    }

    /** One attempt, on the lane's event loop, with a permit taken. */
    void attempt(Lane lane, Claimed claimed, LiveSubscription subscription) {
        Claim claim = claimed.claim();
        metrics.started(claim);
        AttemptRequest request = new AttemptRequest(
                claim.id(),
                TypeId.format("dlv", claimed.webhookId()),
                claim.attempts() + 1,
                claim.replayId() == null ? null : TypeId.format("rpl", claim.replayId()),
                claimed.event(),
                subscription);
        attempter.send(request).onSuccess(outcome -> {
            settler.add(judge(lane, claim, outcome, subscription));
            lane.ended(outcome.status() != 0);
        });
    }

    private Settlement judge(Lane lane, Claim claim, Outcome outcome, LiveSubscription attempted) {
        LiveSubscription current = directory.find(attempted.id());
        boolean sinkCurrent = current != null && current.sinkRevision() == attempted.sinkRevision();
        Settlement settlement = Settlement.of(
                claim,
                outcome,
                attempted,
                sinkCurrent,
                ThreadLocalRandom.current().nextDouble());
        if (settlement.disables()) {
            lane.gone(attempted.routingVersion());
        }
        Instant closedUntil = settlement.laneClosedUntil();
        if (closedUntil != null) {
            gates.close(new Gate(attempted.id(), attempted.sinkRevision(), closedUntil));
        }
        return settlement;
    }

    void giveBack(List<Claim> claims) {
        settler.giveBack(claims);
    }

    void dropped(List<Claim> claims) {
        settler.forget(claims);
    }
}
