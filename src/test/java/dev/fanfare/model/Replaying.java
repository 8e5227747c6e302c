package dev.fanfare.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.model.Model.Asked;
import dev.fanfare.model.Model.Job;
import dev.fanfare.model.Model.Lane;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.Sql;
import dev.fanfare.platform.TypeId;
import dev.fanfare.replay.Replays;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** Replays: made, stepped and cancelled, and what each step must have come to. */
final class Replaying {
    /** More in a lane would not be queued at once. */
    private static final int MOST_PER_LANE = 100;

    /** More would not be looked at in one step. */
    private static final int MOST_LOOKED_AT = 1_000;

    /** What was accepted by a clock that was ahead by more is left out. */
    private static final Duration CLOCKS_APART = Duration.ofSeconds(10);

    private final World world;
    private final Model model;
    private final Replays replays;
    /** What each repeat repeats. */
    private final Map<UUID, UUID> originals = new HashMap<>();

    Replaying(World world) {
        this.world = world;
        this.model = world.model;
        this.replays = new Replays(world.breaking);
    }

    boolean create(Asked asked, boolean same) {
        Map<UUID, Long> perLane = model.where(asked::means).stream()
                .collect(Collectors.groupingBy(Row::subscription, Collectors.counting()));
        if (perLane.isEmpty()
                || model.rows.size() >= MOST_LOOKED_AT
                || perLane.values().stream().anyMatch(count -> count > MOST_PER_LANE)) {
            return false;
        }
        UUID id = replays.create(World.TENANT, selector(asked), same, world.now());
        model.jobs.put(id, new Job(id, asked, world.now()));
        return true;
    }

    private static String selector(Asked asked) {
        List<String> members = new ArrayList<>();
        if (asked.deliveries() != null) {
            members.add(asked.deliveries().stream()
                    .map(id -> '"' + TypeId.format("dlv", id) + '"')
                    .collect(Collectors.joining(",", "\"deliveries\":[", "]")));
        }
        if (asked.state() != null) {
            members.add("\"state\":\"" + asked.state() + '"');
        }
        if (asked.lane() != null) {
            members.add("\"subscription\":\"" + TypeId.format("sub", asked.lane()) + '"');
        }
        return "{" + String.join(",", members) + "}";
    }

    boolean cancel(Job job) {
        world.lead(List.of(), true, () -> replays.cancel(World.TENANT, job.id, world.now()));
        job.cancelled = is(job, "state = 'cancelled'");
        return true;
    }

    boolean step(Job job) {
        if (job.cancelled) {
            List<Row> after = model.where(row -> job.id.equals(row.replay()) && row.node() == null).stream()
                    .map(row -> row.unwound(world.now()))
                    .toList();
            world.lead(after, true, true, () -> replays.step(job.id, world.now()));
        } else if (job.begun) {
            // looked at to the end: nothing is brought back twice
            world.lead(model.where(job.asked::means), true, () -> replays.step(job.id, world.now()));
            assertThat(repeated(job)).isEmpty();
        } else {
            feed(job);
        }
        return true;
    }

    private void feed(Job job) {
        List<Row> meant = model.where(row -> isMeant(job, row));
        List<Row> after = meant.stream().map(row -> brought(job, row)).toList();
        world.lead(after, true, () -> replays.step(job.id, world.now()));
        job.begun = is(job, "walked");
        Map<UUID, Row> repeated = repeated(job);
        List<Row> repeatable = job.begun ? repeatable(meant) : List.of();
        assertThat(repeated.keySet())
                .as("delivered again, once")
                .containsExactlyInAnyOrderElementsOf(
                        repeatable.stream().map(Row::id).toList());
        for (Row original : repeatable) {
            Row repeat = Objects.requireNonNull(repeated.get(original.id()));
            Row fresh = Row.accepted(repeat.id(), original.event(), original.subscription(), null, world.now());
            assertThat(repeat).isEqualTo(fresh.repeating(job.id));
            model.become(List.of(repeat));
            originals.put(repeat.id(), original.id());
        }
    }

    /** Delivered ones, but for those whose earlier repeat lives again by this job: that one goes out. */
    private List<Row> repeatable(List<Row> meant) {
        Set<UUID> revived = new HashSet<>();
        meant.stream()
                .filter(row -> row.state().equals("dead") || row.state().equals("cancelled"))
                .filter(row -> originals.containsKey(row.id()))
                .forEach(row -> revived.add(Objects.requireNonNull(originals.get(row.id()))));
        return meant.stream()
                .filter(row -> row.state().equals("delivered") && !revived.contains(row.id()))
                .toList();
    }

    /** What the job was to bring back when it was made, and can. */
    private boolean isMeant(Job job, Row row) {
        Instant reached = row.isFinal()
                ? row.settledAt()
                : row.queue() == null ? null : row.place().queuedAt();
        Lane lane = model.lanes.get(row.subscription());
        return job.asked.means(row)
                && (reached == null || !reached.isAfter(job.createdAt))
                && !Ids.timeOf(row.id()).isBefore(model.keptFrom)
                && Ids.timeOf(row.id()).isBefore(job.createdAt.plus(CLOCKS_APART))
                && lane != null
                && lane.deletedAt == null;
    }

    private Row brought(Job job, Row row) {
        return switch (row.state()) {
            case "dead", "cancelled" -> row.revived(job.id, world.now());
            case "pending" ->
                row.node() != null
                        ? row
                        : row.replay() != null ? row.hastened(world.now()) : row.madeDue(job.id, world.now());
            default -> row;
        };
    }

    /** New deliveries of this job that the model does not know, by the one that each repeats. */
    private Map<UUID, Row> repeated(Job job) {
        Map<UUID, UUID> repeats = new LinkedHashMap<>();
        world.tx.statement(
                c -> Sql.of(c, "select id, replay_of from delivery where replay_id = ? and replay_of is not null")
                        .set(job.id)
                        .list(row -> repeats.put(Sql.uuid(row, "id"), Sql.uuid(row, "replay_of"))));
        repeats.keySet().removeAll(model.rows.keySet());
        List<UUID> order = List.copyOf(model.rows.keySet());
        Map<UUID, Row> found = new LinkedHashMap<>();
        world.read(repeats.keySet()).values().stream()
                .sorted(Comparator.comparingInt(row -> order.indexOf(repeats.get(row.id()))))
                .forEach(row -> assertThat(found.put(Objects.requireNonNull(repeats.get(row.id())), row))
                        .as("repeated twice")
                        .isNull());
        return found;
    }

    private boolean is(Job job, String condition) {
        return world.tx
                .statement(c -> Sql.of(c, "select %s from replay where id = ?".formatted(condition))
                        .set(job.id)
                        .list(row -> row.getBoolean(1)))
                .get(0);
    }
}
