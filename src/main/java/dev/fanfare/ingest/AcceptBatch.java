package dev.fanfare.ingest;

import dev.fanfare.delivery.Claimed;
import dev.fanfare.fanout.Match;
import dev.fanfare.fanout.Router;
import dev.fanfare.platform.DatabaseException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Requests that share one accept transaction, and the places in lanes that are kept for their deliveries meanwhile. */
final class AcceptBatch implements AutoCloseable {
    private final Router router;
    private final Handoff handoff;
    private final Instant time;
    private final UUID node;
    private final List<OpenRequest> requests = new ArrayList<>();
    // in the order in which they came: of two copies the first one counts
    private final List<AcceptRow> rows = new ArrayList<>();
    private final Set<UUID> stored = new HashSet<>();
    private int size;
    private boolean certain = true;

    AcceptBatch(Router router, Handoff handoff) {
        this.router = router;
        this.handoff = handoff;
        this.time = handoff.opened();
        this.node = handoff.node();
    }

    /** The time that its ids carry. */
    Instant time() {
        return time;
    }

    List<OpenRequest> requests() {
        return requests;
    }

    /** Matches a request's events and takes it in; false when it would be more than a statement takes beside the others. */
    boolean add(OpenRequest request) {
        Submission submission = request.submission();
        List<OpenRequest.Left> left = request.left();
        List<Match> matches = new ArrayList<>(left.size());
        int more = left.size();
        long version = Long.MAX_VALUE;
        for (OpenRequest.Left one : left) {
            Match match = submission.only() == null
                    ? router.match(submission.tenantId(), one.event(), time)
                    : router.only(submission.only());
            matches.add(match);
            more += match.subscriptions().size();
            // the oldest counts for all of them: a request is stored whole or matched again whole
            version = Math.min(version, match.routingVersion());
        }
        if (!rows.isEmpty() && size + more > AcceptStore.MOST_ROWS) {
            return false;
        }
        requests.add(request);
        size += more;
        for (int i = 0; i < matches.size(); i++) {
            rows.add(AcceptRow.of(request, left.get(i), matches.get(i), version, time, handoff));
        }
        return true;
    }

    AcceptStore.Result commit(AcceptStore store, boolean lockVersions) {
        try {
            AcceptStore.Result result = store.accept(node, rows, time, lockVersions);
            stored.addAll(result.stored());
            return result;
        } catch (DatabaseException failure) {
            certain = !failure.outcomeUnknown();
            throw failure;
        }
    }

    /** Answers for what was stored and hands its deliveries over; returns the other rows. */
    List<AcceptRow> handOver() {
        List<AcceptRow> rest = new ArrayList<>();
        List<Claimed> claimed = new ArrayList<>();
        Set<UUID> queuedLanes = new HashSet<>();
        for (AcceptRow row : rows) {
            if (!stored.contains(row.eventId())) {
                rest.add(row);
                continue;
            }
            List<UUID> deliveries = new ArrayList<>(row.targets().size());
            for (AcceptRow.Target target : row.targets()) {
                deliveries.add(target.deliveryId());
                if (target.direct()) {
                    claimed.add(new Claimed(row.claim(node, target), row.tenantId(), target.deliveryId(), row.event()));
                } else {
                    queuedLanes.add(target.subscription().id());
                }
            }
            row.accepted(row.eventId(), null, deliveries);
        }
        handoff.accepted(claimed, queuedLanes);
        return rest;
    }

    /** Gives back the places that are not claimed. */
    @Override
    public void close() {
        for (AcceptRow row : rows) {
            if (!stored.contains(row.eventId())) {
                row.release(handoff);
            }
        }
        handoff.closed(time, certain);
    }
}
