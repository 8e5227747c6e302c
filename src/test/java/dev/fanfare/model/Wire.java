package dev.fanfare.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.delivery.Claim;
import dev.fanfare.subscription.LiveSubscription;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** What receivers see: counts the requests, and knows how many there may be. */
final class Wire {
    /** By delivery: the claim numbers that were attempted. */
    private final Map<UUID, Set<Integer>> requests = new HashMap<>();
    /** Requests beside the first that a retry, a lost claim or a replay gave cause for. */
    private final Map<UUID, Integer> allowed = new HashMap<>();

    /** A request goes out: the first of its claim, by its holder, and not one more than something gave cause for. */
    void sent(World world, Claim claim) {
        Set<Integer> made = requests.computeIfAbsent(claim.id(), id -> new HashSet<>());
        assertThat(made.add(claim.number()))
                .as("first request of claim %d of %s", claim.number(), claim.id())
                .isTrue();
        assertThat(world.model.row(claim.id()).isHeldBy(claim))
                .as("held by its sender")
                .isTrue();
        assertThat(world.lives(claim.node())).as("sent by a living node").isTrue();
        assertThat(made.size() - 1)
                .as("requests beside the first, of %s", claim.id())
                .isLessThanOrEqualTo(allowed.getOrDefault(claim.id(), 0));
    }

    /** To whom is not active, or whose gate is closed, only who cannot know yet sends: its last looks are told. */
    static void mayBeSent(World world, LiveSubscription subscription, long informed, long gatesSeen) {
        Model.Lane lane = world.model.lanes.get(subscription.id());
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

    void allowOneMore(UUID delivery) {
        allowed.merge(delivery, 1, Integer::sum);
    }

    void forget(UUID delivery) {
        requests.remove(delivery);
        allowed.remove(delivery);
    }
}
