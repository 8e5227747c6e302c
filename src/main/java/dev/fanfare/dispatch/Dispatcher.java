package dev.fanfare.dispatch;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.delivery.Claimed;
import dev.fanfare.ingest.Handoff;
import dev.fanfare.platform.NodeRegistry;
import dev.fanfare.subscription.Directory;
import dev.fanfare.subscription.LiveSubscription;
import io.vertx.core.Context;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Takes over what was accepted: each delivery to its lane, in memory, without a query. */
@Singleton
public class Dispatcher implements Handoff {
    private final Sender sender;
    private final Lanes lanes;
    private final Claimer claimer;
    private final ReadyLanes ready;
    private final Holdings holdings;
    private final NodeRegistry nodes;
    private final Directory directory;
    private final long memory;
    private final Pace pace = new Pace(System::nanoTime);
    private boolean listening;

    public Dispatcher(
            Sender sender,
            Lanes lanes,
            Claimer claimer,
            ReadyLanes ready,
            Holdings holdings,
            NodeRegistry nodes,
            Directory directory,
            DispatchConfig config) {
        this.sender = sender;
        this.lanes = lanes;
        this.claimer = claimer;
        this.ready = ready;
        this.holdings = holdings;
        this.nodes = nodes;
        this.directory = directory;
        this.memory = config.memory().asLongValue();
    }

    /** Reads the subscriptions and begins to listen to what changes. May be called again after a failure. */
    void open() {
        directory.refreshAll();
        claimer.openGates();
        if (!listening) {
            listening = true;
            directory.onChange(this::changed);
            sender.onRoom(ready::roomIn);
            nodes.listen(new NodeRegistry.Listener() {
                @Override
                public void beat(long routingVersion) {
                    lanes.all().forEach(Lane::wake);
                }

                @Override
                public void expelled(UUID formerId) {
                    lanes.all().forEach(lane -> lane.drop(formerId));
                }
            });
        }
    }

    /** From now on lanes give back what waits in them; attempts under way run to their end. */
    void close() {
        sender.close();
        lanes.all().forEach(Lane::wake);
    }

    /** Whether nothing is held any more. */
    boolean isEmpty() {
        return holdings.count() == 0;
    }

    /** Below every delivery that this node may have in flight. */
    UUID floor() {
        return holdings.floor();
    }

    @Override
    public UUID node() {
        return nodes.id();
    }

    @Override
    public Instant opened() {
        return holdings.opened();
    }

    @Override
    public void closed(Instant batch, boolean certain) {
        holdings.closed(batch, certain);
    }

    @Override
    public boolean reserve(LiveSubscription subscription, WireEvent event) {
        Lane lane = lanes.of(subscription.id());
        if (!holdings.mayTake(subscription.id(), event, memory)) {
            lane.overflowed();
            return false;
        }
        if (!lane.reserve(subscription)) {
            return false;
        }
        holdings.reserve(subscription.id(), event);
        return true;
    }

    @Override
    public void release(UUID subscriptionId, WireEvent event) {
        lanes.of(subscriptionId).release(1);
        holdings.release(subscriptionId, event);
    }

    @Override
    public boolean crowded() {
        return pace.crowded();
    }

    @Override
    public void accepted(List<Claimed> claimed, Collection<UUID> queuedLanes) {
        Map<Context, Map<Lane, List<Claimed>>> byLoop = new HashMap<>();
        for (Claimed one : claimed) {
            holdings.add(one.claim(), one.event());
            Lane lane = lanes.of(one.claim().subscriptionId());
            byLoop.computeIfAbsent(lane.context(), loop -> new HashMap<>())
                    .computeIfAbsent(lane, l -> new ArrayList<>())
                    .add(one);
        }
        pace.handOver(byLoop);
        ready.add(queuedLanes);
    }

    /** Rows of these lanes were put into the queue, due now: saves the wait for the next look. */
    public void queued(Collection<UUID> subscriptions) {
        ready.add(subscriptions);
    }

    /** Subscriptions changed: those that may be attempted now get what waits, the others give back what they hold. */
    void changed(Collection<UUID> subscriptions) {
        for (UUID id : subscriptions) {
            if (directory.find(id) == null) {
                lanes.of(id).wake();
                lanes.remove(id);
            } else {
                lanes.of(id).wake();
            }
        }
        ready.add(subscriptions);
    }
}
