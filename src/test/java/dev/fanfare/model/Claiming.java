package dev.fanfare.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.delivery.CancelStore;
import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.ClaimStore;
import dev.fanfare.delivery.ClaimStore.Due;
import dev.fanfare.delivery.ClaimStore.Want;
import dev.fanfare.delivery.Claimed;
import dev.fanfare.delivery.GiveBackStore;
import dev.fanfare.delivery.Reason;
import dev.fanfare.platform.DatabaseException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** What a node takes out of the queue, foreseen and compared. */
final class Claiming {
    private final World world;
    private final Model model;
    private final ClaimStore claims;
    private final GiveBackStore giveBacks;
    private final CancelStore cancels;

    Claiming(World world) {
        this.world = world;
        this.model = world.model;
        claims = new ClaimStore(world.breaking);
        giveBacks = new GiveBackStore(world.breaking);
        cancels = new CancelStore(world.breaking);
    }

    /** Claims what is due in the lanes that this node has room for, the oldest of each lane. */
    boolean claim(Node node) {
        List<Want> wants = new ArrayList<>();
        Map<UUID, Row> due = new LinkedHashMap<>();
        for (UUID lane : model.lanes.keySet()) {
            int room = node.places.room(lane);
            if (room > 0 && node.flowing(lane) != null) {
                wants.add(new Want(lane, room, Instant.EPOCH));
                model.where(row -> row.waits()
                                && row.subscription().equals(lane)
                                && !row.dueAt().isAfter(world.now()))
                        .forEach(row -> due.put(row.id(), row));
            }
        }
        if (due.isEmpty() || !node.registry().mayStartAttempts()) {
            return false;
        }
        List<Due> got = new ArrayList<>();
        DatabaseException failure = null;
        world.mayBreak(3);
        try {
            got.addAll(claims.claim(node.id(), wants, world.now()));
        } catch (DatabaseException thrown) {
            failure = thrown;
        }
        boolean whole = world.database.mend();
        assertThat(failure == null).as("claimed").isEqualTo(whole);
        Map<UUID, Row> found = world.read(due.keySet());
        Set<UUID> taken = new HashSet<>();
        due.forEach((id, row) -> {
            if (!row.equals(found.get(id))) {
                assertThat(found.get(id)).isEqualTo(row.claimedBy(node.id()));
                taken.add(id);
            }
        });
        assertOldestOfEach(wants, due.values(), taken, whole, world.lives(node.id()));
        List<Due> expected =
                taken.stream().map(id -> expected(node, model.row(id))).toList();
        model.become(found.values());
        if (whole) {
            assertThat(got).containsExactlyInAnyOrderElementsOf(expected);
            wants.forEach(want -> node.places.claimed(want.subscriptionId(), count(got, want) >= want.room()));
            bring(node, sorted(got));
        }
        return true;
    }

    private static long count(List<Due> got, Want want) {
        return got.stream()
                .filter(one -> one.claim().subscriptionId().equals(want.subscriptionId()))
                .count();
    }

    private static Due expected(Node node, Row row) {
        return new Due(
                new Claim(
                        node.id(),
                        row.id(),
                        row.subscription(),
                        row.claim() + 1,
                        false,
                        row.attempts(),
                        row.place().step(),
                        row.place().lost(),
                        row.replay(),
                        row.place().firstAttemptAt()),
                row.dueAt());
    }

    /** A lane with room leaves nothing due behind that is older than what was taken. */
    private static void assertOldestOfEach(
            List<Want> wants, Collection<Row> due, Set<UUID> taken, boolean whole, boolean lives) {
        for (Want want : wants) {
            List<Row> lane = due.stream()
                    .filter(row -> row.subscription().equals(want.subscriptionId()))
                    .sorted(Comparator.comparing(Row::dueAt))
                    .toList();
            List<Row> got =
                    lane.stream().filter(row -> taken.contains(row.id())).toList();
            int most = lives ? Math.min(want.room(), lane.size()) : 0;
            if (whole || !taken.isEmpty()) {
                assertThat(got).as("claimed").hasSize(most);
            }
            if (!got.isEmpty() && most < lane.size()) {
                assertThat(got.get(got.size() - 1).dueAt())
                        .isBeforeOrEqualTo(lane.get(most).dueAt());
            }
        }
    }

    /** In the order in which the model came to know them: ids are random. */
    private List<Due> sorted(List<Due> got) {
        List<UUID> order = List.copyOf(model.rows.keySet());
        return got.stream()
                .sorted(Comparator.comparingInt(one -> order.indexOf(one.claim().id())))
                .toList();
    }

    /** Reads the events; claims whose events cannot be read go back, due when they were; the poisonous are buried. */
    private void bring(Node node, List<Due> got) {
        List<Claim> rest = new ArrayList<>();
        for (Due one : got) {
            if (one.claim().lost() >= 5) {
                bury(node, one.claim());
            } else {
                rest.add(one.claim());
            }
        }
        if (rest.isEmpty()) {
            return;
        }
        world.mayBreak(4);
        try {
            List<Claimed> loaded = claims.load(rest);
            world.database.mend();
            assertThat(loaded).extracting(Claimed::claim).isEqualTo(rest);
            loaded.forEach(one -> assertThat(one.event().id())
                    .isEqualTo(model.eventIds.get(model.row(one.claim().id()).event())));
            rest.forEach(node::hold);
        } catch (DatabaseException broken) {
            world.database.mend();
            List<Due> back =
                    got.stream().filter(one -> rest.contains(one.claim())).toList();
            world.lead(
                    back.stream()
                            .map(one -> model.row(one.claim().id()).back(one.dueAt(), 0))
                            .toList(),
                    true,
                    () -> giveBacks.giveBackInOrder(node.id(), back));
        }
    }

    private void bury(Node node, Claim claim) {
        Row after = model.row(claim.id()).ended("dead", "lostwithnode", world.now());
        world.lead(
                List.of(after), true, () -> cancels.bury(node.id(), List.of(claim), Reason.LOSTWITHNODE, world.now()));
    }
}
