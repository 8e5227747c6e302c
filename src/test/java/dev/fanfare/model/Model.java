package dev.fanfare.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.subscription.LiveSubscription;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The plain expectation: what the tables hold, in the order in which it came. It only learns what the tables were found to
 * hold after a step that had been foreseen, and checks what no single look at the tables can tell.
 */
final class Model {
    /** A subscription. */
    static final class Lane {
        final UUID id;
        /** The only type of events that it wants; null: all. */
        final @Nullable String type;

        String state = "active";

        @Nullable
        String reason;

        Instant since;
        int sinkRevision = 1;

        @Nullable
        Instant deletedAt;
        /** The tick of its last change. */
        long changed;

        @Nullable
        Gate gate;

        Lane(UUID id, @Nullable String type, Instant now) {
            this.id = id;
            this.type = type;
            this.since = now;
        }

        @Override
        public String toString() {
            return "%s %s %s since %s".formatted(id, type, state, since);
        }

        boolean wants(String eventType, Instant now) {
            return deletedAt == null
                    && (!state.equals("disabled") || now.isBefore(since.plus(LiveSubscription.DISABLED_STOPS_MATCHING)))
                    && (type == null || type.equals(eventType));
        }
    }

    /** A lane closed by an answer of a sink, as the table has it since a tick. */
    record Gate(int sinkRevision, Instant until, long since) {}

    /** The first copy of an event. */
    record Known(UUID event, WireEvent first) {}

    /** A replay; the counters as they should be. */
    static final class Job {
        final UUID id;
        final Asked asked;
        final Instant createdAt;
        boolean cancelled;
        /** A step has been taken. */
        boolean begun;

        int queued;
        int delivered;
        int failed;
        int ended;
        int left;

        Job(UUID id, Asked asked, Instant createdAt) {
            this.id = id;
            this.asked = asked;
            this.createdAt = createdAt;
        }

        int open() {
            return queued - delivered - failed - ended;
        }
    }

    /** What a replay is to bring back: deliveries by their ids, or all of a state, in a lane or in all. */
    record Asked(
            @Nullable List<UUID> deliveries,
            @Nullable String state,
            @Nullable UUID lane) {
        boolean means(Row row) {
            return (deliveries == null || deliveries.contains(row.id()))
                    && (state == null || state.equals(row.state()))
                    && (lane == null || lane.equals(row.subscription()));
        }
    }

    final Map<UUID, Row> rows = new LinkedHashMap<>();
    final Map<UUID, Lane> lanes = new LinkedHashMap<>();
    final Map<UUID, Job> jobs = new LinkedHashMap<>();
    final Wire wire = new Wire();
    /** The producer's id of each event. */
    final Map<UUID, String> eventIds = new HashMap<>();
    /** What lies below is forgotten, or about to be. */
    Instant keptFrom = Instant.EPOCH;

    private Map<String, Known> current = new HashMap<>();
    private Map<String, Known> previous = new HashMap<>();

    @Nullable
    Known known(String eventId) {
        Known now = current.get(eventId);
        return now == null ? previous.get(eventId) : now;
    }

    void remember(WireEvent first, UUID event) {
        current.put(first.id(), new Known(event, first));
        eventIds.put(event, first.id());
    }

    void turnIdentities() {
        previous = current;
        current = new HashMap<>();
    }

    Set<UUID> wanting(String eventType, Instant now) {
        Set<UUID> wanting = new HashSet<>();
        lanes.values().stream().filter(lane -> lane.wants(eventType, now)).forEach(lane -> wanting.add(lane.id));
        return wanting;
    }

    List<Row> where(Predicate<Row> condition) {
        return rows.values().stream().filter(condition).toList();
    }

    List<Lane> lanes(Predicate<Lane> condition) {
        return lanes.values().stream().filter(condition).toList();
    }

    /** The row, which must be there. */
    Row row(UUID id) {
        return Objects.requireNonNull(rows.get(id));
    }

    /**
     * Takes over what the tables have now.
     *
     * @param unwinding a cancelled replay gives back what it brought
     */
    void become(Collection<Row> found, boolean unwinding) {
        for (Row after : found) {
            Row before = rows.put(after.id(), after);
            if (before != null) {
                follows(before, after);
            }
            count(before, after, unwinding);
        }
    }

    void become(Collection<Row> found) {
        become(found, false);
    }

    private void follows(Row before, Row after) {
        assertThat(after.claim()).as("claim number of %s", after).isGreaterThanOrEqualTo(before.claim());
        assertThat(after.attempts()).as("attempts of %s", after).isGreaterThanOrEqualTo(before.attempts());
        assertThat(after.tries()).as("attempts of %s", after).containsAllEntriesOf(before.tries());
        boolean revived = before.isFinal() && !before.state().equals("delivered") && after.replay() != null;
        if (before.isFinal() && !revived) {
            assertThat(after.withTries(before.tries())).as("final stays final").isEqualTo(before);
        }
        boolean retried = after.attempts() > before.attempts() && !after.isFinal();
        boolean lost = after.queue() != null
                && after.place().lost()
                        > (before.queue() == null ? 0 : before.place().lost());
        boolean replayed = after.replay() != null && !after.replay().equals(before.replay());
        if (retried || lost || replayed) {
            wire.allowOneMore(after.id());
        }
    }

    private void count(@Nullable Row before, Row after, boolean unwinding) {
        Job was = before == null || before.replay() == null ? null : jobs.get(before.replay());
        Job is = after.replay() == null ? null : jobs.get(after.replay());
        if (is != null && is != was) {
            is.queued++;
        }
        if (before != null && was != null && is != was) {
            boolean repeated = before.place().wasState() == null;
            if (unwinding && !repeated) {
                was.queued--;
                was.left++;
            } else if (after.state().equals("delivered")) {
                was.delivered++;
            } else if (after.state().equals("dead")) {
                was.failed++;
            } else {
                was.ended++;
            }
        }
    }

    /** Deliveries that retention dropped with their day. */
    void forgot(Collection<Row> dropped) {
        for (Row row : dropped) {
            assertThat(row.isFinal()).as("forgotten: %s", row).isTrue();
            rows.remove(row.id());
            wire.forget(row.id());
        }
    }

    /** What differs between this and what was found, a few of each kind; empty when nothing does. */
    List<String> differences(Map<UUID, Row> found) {
        List<String> differences = new ArrayList<>();
        for (Row row : rows.values()) {
            Row other = found.get(row.id());
            if (!row.equals(other) && differences.size() < 3) {
                differences.add("expected " + row + "\n   found " + other);
            }
        }
        found.values().stream()
                .filter(row -> !rows.containsKey(row.id()))
                .limit(3)
                .forEach(row -> differences.add("nobody knows of " + row));
        return differences;
    }
}
