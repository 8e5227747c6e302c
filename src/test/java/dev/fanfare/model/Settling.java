package dev.fanfare.model;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.GateStore;
import dev.fanfare.delivery.GiveBackStore;
import dev.fanfare.delivery.SettleStore;
import dev.fanfare.delivery.Settlement;
import dev.fanfare.model.Model.Gate;
import dev.fanfare.model.Model.Lane;
import dev.fanfare.platform.DatabaseException;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** What a node writes of its claims: outcomes, and what it gives back; foreseen and compared. */
final class Settling {
    private final World world;
    private final Model model;
    private final SettleStore settles;
    private final GiveBackStore giveBacks;

    Settling(World world) {
        this.world = world;
        this.model = world.model;
        settles = new SettleStore(world.breaking, new GateStore(world.breaking));
        giveBacks = new GiveBackStore(world.breaking);
    }

    /** Writes these outcomes of a node, which waits with what could not be written. */
    boolean settle(Node node, List<Settlement> batch) {
        List<Settlement> decided = batch.stream().map(s -> decided(node, s)).toList();
        node.ended.removeAll(batch);
        node.ended.addAll(decided);
        decided.stream()
                .collect(groupingBy(s -> s.claim().node(), LinkedHashMap::new, toList()))
                .forEach((id, group) -> {
                    List<Settlement> kept = group.stream()
                            .filter(s -> model.rows.containsKey(s.claim().id()))
                            .toList();
                    group.stream().filter(s -> !kept.contains(s)).forEach(s -> isOfNoUse(node, id, s));
                    settleInNameOf(node, id, kept);
                });
        return true;
    }

    /** An outcome that came after its day was forgotten is refused alone, and told from what can be tried again. */
    private void isOfNoUse(Node node, UUID id, Settlement s) {
        assertThatThrownBy(() -> settles.settle(id, List.of(s), world.now()))
                .isInstanceOfSatisfying(DatabaseException.class, failure -> assertThat(failure.noPartition())
                        .isTrue());
        node.ended.remove(s);
        node.memory.forget(List.of(s.claim()));
    }

    /** 410: disables, or is an ordinary failure where the sink is another by now. */
    private Settlement decided(Node node, Settlement s) {
        UUID lane = s.attempted().id();
        return s.disables() && !world.lanes.disable(lane, s.attempted().sinkRevision(), node)
                ? Settlement.of(s.claim(), s.outcome(), s.attempted(), false, 0.5)
                : s;
    }

    /** Writes an outcome once more: the answer to its COMMIT was lost. Nothing changes, whoever has the delivery now. */
    boolean settleAgain(Node node, Settlement s) {
        if (!model.rows.containsKey(s.claim().id())) {
            return false;
        }
        settleInNameOf(node, s.claim().node(), List.of(s));
        return true;
    }

    private void settleInNameOf(Node node, UUID id, List<Settlement> group) {
        if (group.isEmpty()) {
            return;
        }
        Map<UUID, Row> after = new LinkedHashMap<>();
        Set<UUID> late = new HashSet<>();
        Set<UUID> settled = new HashSet<>();
        for (Settlement s : group) {
            UUID delivery = s.claim().id();
            Row row = after.getOrDefault(delivery, model.row(delivery));
            boolean holds = model.row(delivery).isHeldBy(s.claim());
            after.put(delivery, holds ? row.settled(s, world.now()) : row.late(s.claim()));
            (holds ? settled : late).add(delivery);
        }
        // an outcome may be written once more beside that of the next claim
        late.removeAll(settled);
        Set<UUID> told = new HashSet<>();
        boolean done = world.lead(after.values(), true, () -> told.addAll(settles.settle(id, group, world.now())));
        group.forEach(s -> closeGate(s, done));
        if (done) {
            assertThat(told).as("late").isEqualTo(late);
            node.settled(group);
        }
    }

    /** Retry-After closes the lane of the sink that was attempted, the latest time wins. */
    private void closeGate(Settlement s, boolean done) {
        Lane lane = model.lanes.get(s.attempted().id());
        Instant until = s.laneClosedUntil();
        if (lane == null || until == null || lane.sinkRevision != s.attempted().sinkRevision()) {
            return;
        }
        boolean later =
                lane.gate == null || lane.gate.sinkRevision() != lane.sinkRevision || until.isAfter(lane.gate.until());
        if (later && (done || world.lanes.gateIs(lane, until))) {
            lane.gate = new Gate(lane.sinkRevision, until, world.tick());
        }
    }

    /** Gives back what the node does not want. */
    boolean giveBack(Node node) {
        Map<UUID, List<Claim>> byNode =
                node.unwanted.stream().collect(groupingBy(Claim::node, LinkedHashMap::new, toList()));
        byNode.forEach((id, group) -> {
            Map<UUID, Row> after = new LinkedHashMap<>();
            for (Claim claim : group) {
                Row row = model.rows.get(claim.id());
                if (row != null && row.isHeldBy(claim)) {
                    after.put(row.id(), row.back(world.now(), 0));
                } else if (row != null) {
                    // an older claim of it may be given back beside the present one
                    after.putIfAbsent(row.id(), row);
                }
            }
            if (world.lead(after.values(), true, () -> giveBacks.giveBack(id, group, world.now()))) {
                node.gaveBack(group);
            }
        });
        return !byNode.isEmpty();
    }
}
