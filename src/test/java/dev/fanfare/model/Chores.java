package dev.fanfare.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.model.Model.Lane;
import dev.fanfare.platform.DatabaseException;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.Sql;
import dev.fanfare.retention.Forgetting;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What nodes do every few seconds, minutes or days, beside the deliveries' own way. */
final class Chores {
    private static final Duration WINDOW = Duration.ofHours(12);
    private static final Duration KEEP = Duration.ofDays(2);
    private static final Duration MOST_HOLD = Duration.ofDays(1);

    private final World world;
    private final Model model;
    private final Forgetting forgetting;

    Chores(World world) {
        this.world = world;
        this.model = world.model;
        this.forgetting = new Forgetting(world.breaking, KEEP, MOST_HOLD);
    }

    /** What a node does not hold of its claims may be given back, what it holds never. */
    boolean compare(Node node) {
        Map<UUID, Row> mine = World.byId(model.where(row -> node.id().equals(row.node())));
        int given = -1;
        world.mayBreak(6, 4);
        try {
            given = node.memory.compare();
        } catch (DatabaseException broken) {
            given = -1;
        }
        boolean whole = world.database.mend();
        Map<UUID, Row> found = world.read(mine.keySet());
        int changed = 0;
        for (Row row : mine.values()) {
            if (!row.equals(found.get(row.id()))) {
                changed++;
                assertThat(node.memory.holds(row.id(), row.claim())).as("held").isFalse();
                assertThat(found.get(row.id())).isEqualTo(row.back(world.now(), 0));
            }
        }
        if (whole) {
            assertThat(given).as("given back").isEqualTo(changed);
        }
        model.become(found.values());
        return true;
    }

    /** Whatever names no living node goes back. */
    boolean sweep(Node node) {
        List<Row> after = model.where(row -> row.node() != null && !world.lives(row.node())).stream()
                .map(row -> row.back(world.now(), 1))
                .toList();
        world.lead(after, false, () -> node.memory.sweep());
        return true;
    }

    /** What waits for a deleted subscription is cancelled. */
    boolean cancelDeleted(Node node) {
        List<Row> after = model.where(row -> row.waits() && isDeleted(row.subscription())).stream()
                .map(row -> row.ended("cancelled", "subscriptiondeleted", world.now()))
                .toList();
        world.lead(after, false, node.memory::cancelDeleted);
        return !after.isEmpty();
    }

    private boolean isDeleted(UUID subscription) {
        Lane lane = model.lanes.get(subscription);
        return lane != null && lane.deletedAt != null;
    }

    /** A tombstone stays for an hour, and until all its deliveries are final. */
    boolean forgetTombstones(Node node) {
        Instant hourAgo = world.now().minus(Duration.ofHours(1));
        List<UUID> over = model.lanes(lane -> lane.deletedAt != null && lane.deletedAt.isBefore(hourAgo)).stream()
                .map(lane -> lane.id)
                .filter(lane -> model.where(row -> row.subscription().equals(lane) && !row.isFinal())
                        .isEmpty())
                .toList();
        world.lead(List.of(), false, node.memory::forgetTombstones);
        List<UUID> left =
                world.tx.statement(c -> Sql.of(c, "select id from subscription").list(row -> Sql.uuid(row, "id")));
        List<UUID> gone = model.lanes.keySet().stream()
                .filter(lane -> !left.contains(lane))
                .toList();
        assertThat(over).as("tombstones that were over").containsAll(gone);
        gone.forEach(model.lanes::remove);
        return !gone.isEmpty();
    }

    /** As the keeper does it every minute: identities are remembered for one to two windows. */
    void turnIdentities() {
        if (forgetting.turn(WINDOW, world.now())) {
            model.turnIdentities();
        }
    }

    /** Drops what is old enough; what waited for too long is cancelled first, and what is still alive keeps its day. */
    boolean forgetDays() {
        LocalDate kept = day(world.now().minus(KEEP));
        LocalDate keptAtMost = day(world.now().minus(KEEP).minus(MOST_HOLD));
        Map<LocalDate, List<Row>> old = new LinkedHashMap<>();
        world.days.before(kept).forEach(day -> old.put(day, model.where(row -> World.isIn(day, row.id()))));
        Map<UUID, Row> expired = new LinkedHashMap<>();
        old.forEach((day, rows) -> {
            if (day.isBefore(keptAtMost)) {
                rows.stream()
                        .filter(Row::waits)
                        .forEach(row -> expired.put(row.id(), row.ended("cancelled", "expired", world.now())));
            }
        });
        List<LocalDate> free = free(old, expired);
        forgetUntilDone();
        model.become(expired.values());
        List<LocalDate> left = world.days.before(kept);
        assertThat(left).as("days that something keeps").containsExactlyElementsOf(without(old, free));
        List<Row> there = new ArrayList<>();
        old.forEach((day, rows) ->
                (free.contains(day) ? List.<Row>of() : rows).forEach(row -> there.add(model.row(row.id()))));
        assertThat(world.read(there.stream().map(Row::id).toList())).isEqualTo(World.byId(there));
        model.forgot(model.where(row -> free.stream().anyMatch(day -> World.isIn(day, row.id()))));
        Instant floor = kept.atStartOfDay(ZoneOffset.UTC).toInstant();
        model.keptFrom = floor.isAfter(model.keptFrom) ? floor : model.keptFrom;
        return !old.isEmpty();
    }

    private static List<LocalDate> without(Map<LocalDate, List<Row>> old, List<LocalDate> free) {
        return old.keySet().stream().filter(day -> !free.contains(day)).toList();
    }

    /** Days of which nothing will be alive, and no node may hold anything. */
    private List<LocalDate> free(Map<LocalDate, List<Row>> old, Map<UUID, Row> expired) {
        List<Instant> floors = world.tx.statement(
                c -> Sql.of(c, "select floor from node").list(row -> Ids.timeOf(Sql.uuid(row, "floor"))));
        return old.entrySet().stream()
                .filter(day ->
                        day.getValue().stream().allMatch(row -> row.queue() == null || expired.containsKey(row.id())))
                .map(Map.Entry::getKey)
                .filter(day -> floors.stream()
                        .noneMatch(floor -> floor.isBefore(
                                day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant())))
                .toList();
    }

    private void forgetUntilDone() {
        world.mayBreak(20);
        try {
            forgetting.forget(world.now());
        } catch (DatabaseException broken) {
            assertThat(world.database.mend()).as("nothing broke").isFalse();
            forgetting.forget(world.now());
        }
        world.database.mend();
    }

    private static LocalDate day(Instant time) {
        return LocalDate.ofInstant(time, ZoneOffset.UTC);
    }
}
