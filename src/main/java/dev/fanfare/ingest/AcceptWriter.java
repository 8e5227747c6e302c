package dev.fanfare.ingest;

import dev.fanfare.fanout.Router;
import dev.fanfare.platform.DatabaseException;
import dev.fanfare.platform.DayPartitions;
import dev.fanfare.platform.Problem;
import dev.fanfare.platform.ProblemType;
import dev.fanfare.subscription.Directory;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Commits what many requests brought in one transaction, and tells each of them. What is new in a request is stored
 * together, with all its deliveries, or not at all.
 */
@Singleton
public class AcceptWriter {
    /** From this try on the tenants' versions are locked, so that the match cannot be overtaken again. */
    private static final int LOCK_FROM_TRY = 3;

    private static final int MOST_TRIES = 8;
    private static final Logger LOG = Logger.getLogger(AcceptWriter.class);

    private final AcceptStore store;
    private final Directory directory;
    private final Router router;
    private final Handoff handoff;
    private final DayPartitions partitions;
    private final IngestMetrics metrics;

    public AcceptWriter(
            AcceptStore store,
            Directory directory,
            Router router,
            Handoff handoff,
            DayPartitions partitions,
            IngestMetrics metrics) {
        this.store = store;
        this.directory = directory;
        this.router = router;
        this.handoff = handoff;
        this.partitions = partitions;
        this.metrics = metrics;
    }

    /** Commits these submissions; each result is completed when this returns. */
    void write(List<Submission> submissions) {
        run(submissions.stream().map(OpenRequest::new).toList(), "The subscriptions change too fast to match against");
    }

    /** Runs accepts until all are answered; gives up after {@link #MOST_TRIES} in a row that answered nobody. */
    private void run(List<OpenRequest> requests, String givenUp) {
        List<OpenRequest> left = unanswered(requests);
        int tries = 1;
        while (!left.isEmpty()) {
            if (tries > MOST_TRIES) {
                fail(left, busy(givenUp));
                return;
            }
            attempt(left, tries >= LOCK_FROM_TRY);
            List<OpenRequest> after = unanswered(left);
            tries = after.size() < left.size() ? 1 : tries + 1;
            left = after;
        }
    }

    private static List<OpenRequest> unanswered(List<OpenRequest> requests) {
        return requests.stream().filter(request -> !request.isAnswered()).toList();
    }

    /** Runs one transaction of as many as it may have rows; who is not answered by it is to be matched and tried again. */
    private void attempt(List<OpenRequest> requests, boolean lockVersions) {
        AcceptBatch batch = new AcceptBatch(router, handoff);
        try (batch) {
            for (OpenRequest request : requests) {
                if (!batch.add(request)) {
                    break;
                }
            }
            AcceptStore.Result result = batch.commit(store, lockVersions);
            afterwards(batch.handOver(), result);
        } catch (DatabaseException failure) {
            recover(batch, failure);
        }
    }

    /** What the transaction left out: the node is gone, the match is stale, or the event is a duplicate. */
    private void afterwards(List<AcceptRow> rest, AcceptStore.Result result) {
        if (!result.nodeRegistered()) {
            fail(requestsOf(rest), busy("This node is registering anew"));
            return;
        }
        List<AcceptRow> duplicates = new ArrayList<>();
        List<AcceptRow> stale = new ArrayList<>();
        Set<UUID> tenants = new HashSet<>();
        for (AcceptRow row : rest) {
            if (result.isStale(row)) {
                stale.add(row);
                tenants.add(row.tenantId());
            } else {
                duplicates.add(row);
            }
        }
        tenants.forEach(tenant -> refresh(tenant, stale));
        if (!duplicates.isEmpty()) {
            answerDuplicates(duplicates);
        }
    }

    /** Reads a tenant's subscriptions; where they cannot be understood, its own requests are told and no others. */
    private void refresh(UUID tenant, List<AcceptRow> stale) {
        try {
            directory.refresh(tenant);
        } catch (IllegalStateException unreadable) {
            // logged by the directory, once
            List<AcceptRow> refused =
                    stale.stream().filter(row -> row.tenantId().equals(tenant)).toList();
            fail(requestsOf(refused), busy("The subscriptions cannot be read"));
        }
    }

    /** Answers copies with the first one; those whose first copy has vanished are left, to be tried again. */
    private void answerDuplicates(List<AcceptRow> duplicates) {
        Map<String, AcceptStore.First> firsts = store.firstCopies(duplicates);
        for (AcceptRow row : duplicates) {
            AcceptStore.First first = firsts.get(HexFormat.of().formatHex(row.key()));
            if (first != null) {
                boolean same = Arrays.equals(first.content(), row.content());
                metrics.duplicate(row.event(), same);
                row.accepted(first.eventId(), same, List.of());
            }
        }
    }

    private void recover(AcceptBatch batch, DatabaseException failure) {
        // what was stored before a later statement failed is done
        List<OpenRequest> requests = unanswered(batch.requests());
        if (failure.noPartition()) {
            partitions.ensure(batch.time(), 1);
        } else if (failure.repeatable() || failure.refusedData()) {
            halve(requests, failure);
        } else {
            LOG.warnf("An accept failed (%s); its %d requests are answered 503", failure.getMessage(), requests.size());
            fail(requests, busy("The database did not take the event"));
        }
    }

    /** Finds by halves whom the database refuses or keeps waiting; alone, that request is told. */
    private void halve(List<OpenRequest> requests, DatabaseException failure) {
        if (requests.size() > 1) {
            int half = requests.size() / 2;
            run(requests.subList(0, half), "The database is busy with the same event");
            run(requests.subList(half, requests.size()), "The database is busy with the same event");
            return;
        }
        fail(
                requests,
                failure.refusedData()
                        ? Problem.of(ProblemType.UNSTORABLE, "The database refuses the event")
                        : busy("The database is busy with the same event"));
    }

    private static Set<OpenRequest> requestsOf(List<AcceptRow> rows) {
        Set<OpenRequest> requests = new HashSet<>();
        rows.forEach(row -> requests.add(row.request()));
        return requests;
    }

    private static void fail(Collection<OpenRequest> requests, Problem problem) {
        requests.forEach(request -> request.fail(problem));
    }

    private static Problem busy(String detail) {
        return Problem.unavailable(detail, Duration.ofSeconds(1));
    }
}
