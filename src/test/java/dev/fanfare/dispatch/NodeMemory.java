package dev.fanfare.dispatch;

import dev.fanfare.delivery.CancelStore;
import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.GateStore;
import dev.fanfare.delivery.GateStore.Gate;
import dev.fanfare.delivery.GiveBackStore;
import dev.fanfare.delivery.StatsStore;
import dev.fanfare.platform.NodeRegistry;
import dev.fanfare.platform.Tx;
import dev.fanfare.subscription.LiveSubscription;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.runtime.configuration.MemorySize;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.UUID;

/** What a node remembers of its claims and gates, and what it does about them every few seconds, without its threads. */
public final class NodeMemory {
    private static final MemorySize ANY = new MemorySize(BigInteger.valueOf(1 << 20));

    private record Limits(
            int maxInflight, MemorySize memory, MemorySize responseMemory, int claimBatch, Duration unheldAfter)
            implements DispatchConfig {}

    private final Holdings holdings;
    private final Gates gates;
    private final Housekeeping housekeeping;

    public NodeMemory(Tx tx, NodeRegistry nodes, InstantSource clock) {
        holdings = new Holdings(clock);
        gates = new Gates(new GateStore(tx), clock);
        housekeeping = new Housekeeping(
                new GiveBackStore(tx),
                new CancelStore(tx),
                new StatsStore(tx),
                nodes,
                holdings,
                new DeliveryMetrics(new SimpleMeterRegistry(), clock),
                clock,
                new Limits(64, ANY, ANY, 1_000, Duration.ofSeconds(30)));
    }

    public Instant opened() {
        return holdings.opened();
    }

    public void closed(Instant batch, boolean certain) {
        holdings.closed(batch, certain);
    }

    public void hold(Claim claim) {
        holdings.add(claim, null);
    }

    public void forget(Collection<Claim> claims) {
        holdings.removeAll(claims);
    }

    public boolean holds(UUID delivery, int claimNumber) {
        return holdings.holds(delivery, claimNumber);
    }

    public UUID floor() {
        return holdings.floor();
    }

    public boolean gateOpen(LiveSubscription subscription) {
        return gates.open(subscription);
    }

    public void close(Gate gate) {
        gates.close(gate);
    }

    public void refreshGates() {
        gates.refresh();
    }

    public int sweep() {
        return housekeeping.sweep();
    }

    /** Every five seconds; what is not held at the seventh look in a row is given back. */
    public int compare() {
        return housekeeping.compare();
    }

    public void cancelDeleted() {
        housekeeping.cancelDeleted();
    }

    public void forgetTombstones() {
        housekeeping.forget();
    }
}
