package dev.fanfare.dispatch;

import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.DeliveryState;
import dev.fanfare.delivery.Outcome;
import dev.fanfare.delivery.Settlement;
import dev.fanfare.delivery.StatsStore.Delta;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.TypeId;
import dev.fanfare.subscription.LiveSubscription;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** What happened to deliveries, for operators: meters, the wide log line, and the per-subscription counts of a day. */
@Singleton
public class DeliveryMetrics {
    private static final Logger LOG = Logger.getLogger("dev.fanfare.attempts");
    private static final Logger EVENTS = Logger.getLogger("dev.fanfare.operational");

    private final MeterRegistry registry;
    private final InstantSource clock;
    private final Timer acceptedToAttempt;
    private final Timer acceptedToDelivered;
    private final Counter late;
    private final Map<String, Counter> attempts = new ConcurrentHashMap<>();
    private final Map<UUID, Delta> deltas = new ConcurrentHashMap<>();

    public DeliveryMetrics(MeterRegistry registry, InstantSource clock) {
        this.registry = registry;
        this.clock = clock;
        this.acceptedToAttempt = Timer.builder("fanfare.accept.to.attempt")
                .description("From acceptance to the start of the first attempt")
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(1))
                .register(registry);
        this.acceptedToDelivered = Timer.builder("fanfare.accept.to.delivered")
                .description("From acceptance to the receiver's 2xx")
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(1))
                .register(registry);
        this.late = Counter.builder("fanfare.settled.late")
                .description("Outcomes whose claim had been taken over")
                .register(registry);
    }

    void started(Claim claim) {
        if (claim.attempts() == 0) {
            acceptedToAttempt.record(sinceAccept(claim, clock.instant()));
        }
    }

    /** Never negative: the clock may have been set back by a beat in between. */
    private static Duration sinceAccept(Claim claim, Instant now) {
        Duration since = Duration.between(Ids.timeOf(claim.id()), now);
        return since.isNegative() ? Duration.ZERO : since;
    }

    void settled(Settlement s) {
        Outcome outcome = s.outcome();
        DeliveryState state = s.state();
        String verdict = state == DeliveryState.PENDING ? "retry" : state.word();
        String reason = outcome.failure() == null ? "none" : outcome.failure().word();
        attempts.computeIfAbsent(verdict + ' ' + reason, key -> Counter.builder("fanfare.attempts")
                        .description("Attempts by verdict and by why they failed")
                        .tag("verdict", verdict)
                        .tag("reason", reason)
                        .register(registry))
                .increment();
        if (state == DeliveryState.DELIVERED) {
            Instant end = outcome.startedAt().plusMillis(outcome.durationMs());
            acceptedToDelivered.record(sinceAccept(s.claim(), end));
            count(s.attempted().id(), 1, 0, end);
        }
        if (LOG.isDebugEnabled()) {
            LOG.debugf(
                    "delivery=%s subscription=%s attempt=%d address=%s status=%d reason=%s ms=%d verdict=%s",
                    TypeId.format("dlv", s.claim().id()),
                    TypeId.format("sub", s.attempted().id()),
                    s.attempts(),
                    outcome.address(),
                    outcome.status(),
                    reason,
                    outcome.durationMs(),
                    s.verdict());
        }
    }

    void late(int count) {
        late.increment(count);
    }

    void cancelled(UUID subscription, int count) {
        count(subscription, 0, count, Instant.EPOCH);
    }

    /** Giving up is never silent. */
    void givenUp(UUID subscription, String reason, int count) {
        EVENTS.warnf(
                "%d deliveries of %s are dead (%s); POST /v1/replays brings them back",
                count, TypeId.format("sub", subscription), reason);
        operational("delivery.dead", count);
    }

    /** Deliveries of a subscription waited for longer than history is kept, and are cancelled. */
    public void expired(UUID subscription, int count) {
        EVENTS.warnf(
                "%d deliveries of %s waited for longer than they are kept, and are cancelled (expired)",
                count, TypeId.format("sub", subscription));
        operational("delivery.expired", count);
        cancelled(subscription, count);
    }

    /** A subscription has been disabled for so long that new events are not kept for it any more. */
    public void stoppedMatching(UUID subscription) {
        EVENTS.warnf(
                "%1$s has been disabled for %2$d days: new events do not become deliveries of it until"
                        + " POST /v1/subscriptions/%1$s/resume",
                TypeId.format("sub", subscription), LiveSubscription.DISABLED_STOPS_MATCHING.toDays());
        operational("subscription.stopped", 1);
    }

    private void operational(String type, int count) {
        Counter.builder("fanfare.operational.events")
                .description("What an operator should know of, by type")
                .tag("type", type)
                .register(registry)
                .increment(count);
    }

    /** Takes what was counted since the last time. */
    List<Delta> takeDeltas() {
        List<Delta> taken = new ArrayList<>();
        for (UUID id : deltas.keySet()) {
            deltas.computeIfPresent(id, (key, delta) -> {
                taken.add(delta);
                return null;
            });
        }
        return taken;
    }

    /** Puts back what could not be written. */
    void putBack(List<Delta> untaken) {
        untaken.forEach(d -> count(d.subscriptionId(), d.delivered(), d.cancelled(), d.lastDeliveredAt()));
    }

    private void count(UUID subscription, long delivered, long cancelled, Instant last) {
        deltas.merge(
                subscription,
                new Delta(subscription, delivered, cancelled, last),
                (a, b) -> new Delta(
                        subscription,
                        a.delivered() + b.delivered(),
                        a.cancelled() + b.cancelled(),
                        a.lastDeliveredAt().isAfter(b.lastDeliveredAt()) ? a.lastDeliveredAt() : b.lastDeliveredAt()));
    }
}
