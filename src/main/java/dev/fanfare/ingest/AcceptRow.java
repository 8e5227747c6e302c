package dev.fanfare.ingest;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.delivery.Claim;
import dev.fanfare.event.EventStore;
import dev.fanfare.fanout.Match;
import dev.fanfare.platform.Ids;
import dev.fanfare.subscription.LiveSubscription;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An event on its way into the database, with the deliveries that it becomes.
 *
 * @param request whose event it is
 * @param place the event's place in the request
 */
record AcceptRow(
        OpenRequest request,
        int place,
        UUID eventId,
        UUID tenantId,
        WireEvent event,
        byte[] key,
        byte[] content,
        long routingVersion,
        List<Target> targets) {

    /** A delivery to be; direct: a place in the lane is reserved, and the accept claims it. */
    record Target(UUID deliveryId, LiveSubscription subscription, boolean direct) {}

    static AcceptRow of(
            OpenRequest request, OpenRequest.Left left, Match match, long version, Instant now, Handoff handoff) {
        WireEvent event = left.event();
        UUID tenantId = request.submission().tenantId();
        List<Target> targets = new ArrayList<>(match.subscriptions().size());
        for (LiveSubscription subscription : match.subscriptions()) {
            // the event's millisecond: one day's events, deliveries and attempts share one range of ids
            UUID id = Ids.at(now);
            targets.add(new Target(id, subscription, handoff.reserve(subscription, event)));
        }
        return new AcceptRow(
                request,
                left.place(),
                Ids.at(now),
                tenantId,
                event,
                EventStore.key(tenantId, event.source(), event.id()),
                event.content(),
                version,
                targets);
    }

    Claim claim(UUID node, Target target) {
        return Claim.fresh(node, target.deliveryId(), target.subscription().id());
    }

    /** Rows of the database that it becomes, about. */
    int size() {
        return 1 + targets.size();
    }

    /** Tells the request that this event is durable. */
    void accepted(UUID stored, @Nullable Boolean same, List<UUID> deliveries) {
        request.accepted(place, new Accepted(stored, event.id(), event.source(), same, deliveries));
    }

    void release(Handoff handoff) {
        for (Target target : targets) {
            if (target.direct()) {
                handoff.release(target.subscription().id(), event);
            }
        }
    }
}
