package dev.fanfare.ingest;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.delivery.Claimed;
import dev.fanfare.fanout.Match;
import dev.fanfare.fanout.Router;
import dev.fanfare.platform.DatabaseException;
import dev.fanfare.platform.DayPartitions;
import dev.fanfare.platform.Problem;
import dev.fanfare.platform.ProblemType;
import dev.fanfare.subscription.Directory;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Commits what many requests brought in one statement, and tells each of them. An event is stored with all its
 * deliveries or not at all; a request is told when all its events are.
 */
@ApplicationScoped
public class AcceptWriter {
    /** From this try on the tenants' versions are locked, so that the match cannot be overtaken again. */
    private static final int LOCK_FROM_TRY = 3;

    private static final int MOST_TRIES = 8;
    /** Events and deliveries of one statement, about: half a second's work, so that a request behind it is still in time. */
    private static final int MOST_ROWS = 20_000;

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

    /** A submission and what has become of its events so far. */
    private static final class Open {
        final Submission submission;
        final Accepted[] accepted;

        Open(Submission submission) {
            this.submission = submission;
            this.accepted = new Accepted[submission.events().size()];
        }
    }

    /** An event that has not been accepted yet. */
    private record Task(Open open, int index) {
        WireEvent event() {
            return open.submission.events().get(index);
        }
    }

    /** Commits these submissions; each result is completed when this returns. */
    void write(List<Submission> submissions) {
        List<Task> tasks = new ArrayList<>();
        for (Submission submission : submissions) {
            Open open = new Open(submission);
            for (int i = 0; i < open.accepted.length; i++) {
                tasks.add(new Task(open, i));
            }
            answerIfComplete(open);
        }
        run(tasks, "The subscriptions change too fast to match against");
    }

    /** Runs accepts until nothing is left; gives up after {@link #MOST_TRIES} in a row that brought nothing forward. */
    private void run(List<Task> tasks, String givenUp) {
        List<Task> left = tasks;
        int tries = 1;
        while (!left.isEmpty()) {
            if (tries > MOST_TRIES) {
                fail(left, busy(givenUp));
                return;
            }
            int before = left.size();
            left = attempt(left, tries >= LOCK_FROM_TRY);
            // who was told 503 in the meantime sends it again
            left = left.stream()
                    .filter(task -> !task.open().submission.result().isDone())
                    .toList();
            tries = left.size() < before ? 1 : tries + 1;
        }
    }

    /** Runs one accept of as many as its statement may have rows; returns what must be matched and tried, again or at all. */
    private List<Task> attempt(List<Task> tasks, boolean lockVersions) {
        Instant now = handoff.opened();
        boolean certain = true;
        // in the order in which they came: of two copies the first one counts
        Map<Task, AcceptRow> rows = new LinkedHashMap<>();
        Set<UUID> placed = new HashSet<>();
        try {
            int size = 0;
            for (Task task : tasks) {
                if (size >= MOST_ROWS) {
                    break;
                }
                AcceptRow row = row(task, now);
                rows.put(task, row);
                size += 1 + row.targets().size();
            }
            List<Task> taken = tasks.subList(0, rows.size());
            UUID node = handoff.node();
            AcceptStore.Result result = store.accept(node, rows.values(), now, lockVersions);
            List<Task> rest = new ArrayList<>();
            handOver(taken, rows, result, node, placed, rest);
            List<Task> again = new ArrayList<>(afterwards(rest, rows, result));
            again.addAll(tasks.subList(rows.size(), tasks.size()));
            return again;
        } catch (DatabaseException failure) {
            certain = !failure.outcomeUnknown();
            return recover(tasks, failure, now);
        } finally {
            for (AcceptRow row : rows.values()) {
                if (!placed.contains(row.eventId())) {
                    row.release(handoff);
                }
            }
            handoff.closed(now, certain);
        }
    }

    private AcceptRow row(Task task, Instant now) {
        Submission submission = task.open().submission;
        Match match = submission.only() == null
                ? router.match(submission.tenantId(), task.event(), now)
                : router.only(submission.only());
        return AcceptRow.of(submission.tenantId(), task.event(), match, now, handoff);
    }

    private void handOver(
            List<Task> tasks,
            Map<Task, AcceptRow> rows,
            AcceptStore.Result result,
            UUID node,
            Set<UUID> placed,
            List<Task> rest) {
        List<Claimed> claimed = new ArrayList<>();
        Set<UUID> queuedLanes = new HashSet<>();
        for (Task task : tasks) {
            AcceptRow row = rows.get(task);
            if (row == null || !result.stored().contains(row.eventId())) {
                rest.add(task);
                continue;
            }
            placed.add(row.eventId());
            List<UUID> deliveries = new ArrayList<>(row.targets().size());
            for (AcceptRow.Target target : row.targets()) {
                deliveries.add(target.deliveryId());
                if (target.direct()) {
                    claimed.add(new Claimed(row.claim(node, target), row.tenantId(), target.deliveryId(), row.event()));
                } else {
                    queuedLanes.add(target.subscription().id());
                }
            }
            accepted(
                    task,
                    new Accepted(row.eventId(), row.event().id(), row.event().source(), null, deliveries));
        }
        handoff.accepted(claimed, queuedLanes);
    }

    /** What the statement left out: the node is gone, the match is stale, or the event is a duplicate. */
    private List<Task> afterwards(List<Task> rest, Map<Task, AcceptRow> rows, AcceptStore.Result result) {
        if (rest.isEmpty()) {
            return rest;
        }
        if (!result.nodeRegistered()) {
            fail(rest, busy("This node is registering anew"));
            return List.of();
        }
        List<Task> again = new ArrayList<>();
        List<Task> duplicates = new ArrayList<>();
        Set<UUID> stale = new HashSet<>();
        for (Task task : rest) {
            AcceptRow row = rows.get(task);
            Long version = row == null ? null : result.versions().get(row.tenantId());
            if (row == null || version == null || version != row.routingVersion()) {
                again.add(task);
                stale.add(task.open().submission.tenantId());
            } else {
                duplicates.add(task);
            }
        }
        stale.forEach(tenant -> refresh(tenant, again));
        again.addAll(answerDuplicates(duplicates, rows));
        return again;
    }

    /** Reads a tenant's subscriptions; where they cannot be understood, its own requests are told and no others. */
    private void refresh(UUID tenant, List<Task> again) {
        try {
            directory.refresh(tenant);
        } catch (IllegalStateException unreadable) {
            // logged by the directory, once
            List<Task> refused = again.stream()
                    .filter(task -> task.open().submission.tenantId().equals(tenant))
                    .toList();
            fail(refused, busy("The subscriptions cannot be read"));
            again.removeAll(refused);
        }
    }

    /** Answers copies with the first one; returns those whose first copy has vanished, to be tried again. */
    private List<Task> answerDuplicates(List<Task> duplicates, Map<Task, AcceptRow> rows) {
        if (duplicates.isEmpty()) {
            return duplicates;
        }
        List<AcceptRow> copies = new ArrayList<>();
        for (Task task : duplicates) {
            AcceptRow row = rows.get(task);
            if (row != null) {
                copies.add(row);
            }
        }
        Map<String, AcceptStore.First> firsts = store.firstCopies(copies);
        List<Task> again = new ArrayList<>();
        for (Task task : duplicates) {
            AcceptRow row = rows.get(task);
            AcceptStore.First first =
                    row == null ? null : firsts.get(HexFormat.of().formatHex(row.key()));
            if (row == null || first == null) {
                again.add(task);
                continue;
            }
            boolean same = Arrays.equals(first.content(), row.content());
            metrics.duplicate(row.event(), same);
            accepted(
                    task,
                    new Accepted(first.eventId(), row.event().id(), row.event().source(), same, List.of()));
        }
        return again;
    }

    private List<Task> recover(List<Task> all, DatabaseException failure, Instant now) {
        // what was stored before a later statement failed is done
        List<Task> tasks = all.stream()
                .filter(task -> task.open().accepted[task.index()] == null)
                .toList();
        if (failure.noPartition()) {
            partitions.ensure(now, 1);
            return tasks;
        }
        if (failure.repeatable() || failure.refusedData()) {
            return halve(tasks, failure);
        }
        LOG.warnf("An accept failed (%s); its %d events are answered 503", failure.getMessage(), tasks.size());
        fail(tasks, busy("The database did not take the event"));
        return List.of();
    }

    /** Finds by halves whom the database refuses or keeps waiting; alone, that request is told. */
    private List<Task> halve(List<Task> tasks, DatabaseException failure) {
        List<Open> opens = tasks.stream().map(Task::open).distinct().toList();
        if (opens.size() == 1) {
            fail(
                    tasks,
                    failure.refusedData()
                            ? Problem.of(ProblemType.UNSTORABLE, "The database refuses the event")
                            : busy("The database is busy with the same event"));
            return List.of();
        }
        Set<Open> firstHalf = new HashSet<>(opens.subList(0, opens.size() / 2));
        for (boolean half : new boolean[] {true, false}) {
            List<Task> part = tasks.stream()
                    .filter(task -> firstHalf.contains(task.open()) == half)
                    .toList();
            run(part, "The database is busy with the same event");
        }
        return List.of();
    }

    private void accepted(Task task, Accepted accepted) {
        Open open = task.open();
        open.accepted[task.index()] = accepted;
        answerIfComplete(open);
    }

    private static void answerIfComplete(Open open) {
        for (Accepted one : open.accepted) {
            if (one == null) {
                return;
            }
        }
        open.submission.result().complete(List.of(open.accepted));
    }

    private static void fail(List<Task> tasks, Problem problem) {
        tasks.forEach(task -> task.open().submission.fail(problem));
    }

    private static Problem busy(String detail) {
        return Problem.unavailable(detail, Duration.ofSeconds(1));
    }
}
