package dev.fanfare.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.model.Model.Job;
import dev.fanfare.model.Model.Lane;
import dev.fanfare.model.Node.Attempt;
import dev.fanfare.testing.Invariants;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** Lets everything come to rest, as it does by itself when nothing breaks any more. */
final class Rest {
    private final World world;
    private final Model model;
    private final Claiming claiming;
    private final Settling settling;
    private final Chores chores;

    Rest(World world, Claiming claiming, Settling settling, Chores chores) {
        this.world = world;
        this.model = world.model;
        this.claiming = claiming;
        this.settling = settling;
        this.chores = chores;
    }

    /** One sweep, and comparisons, some of which break: then nothing is in flight, or in doubt. */
    void rest() {
        int broke = world.breaksOneIn;
        world.breaksOneIn = 0;
        world.nodes.forEach(node -> node.frozen = false);
        world.beats(9);
        world.nodes.forEach(this::finish);
        chores.sweep(world.nodes.get(0));
        world.breaksOneIn = broke;
        compare(15);
        world.breaksOneIn = 0;
        compare(10);
        assertThat(model.where(row -> row.node() != null)).as("in flight").isEmpty();
        while (chores.cancelDeleted(world.nodes.get(0))) {
            assertThat(world.breaksOneIn).isZero();
        }
        new Account(world).check();
        Invariants.holdAtRest(world.tx);
        world.breaksOneIn = broke;
    }

    private void compare(int looks) {
        for (int look = 0; look < looks; look++) {
            world.pass(Duration.ofSeconds(4));
            world.beats(1);
            world.nodes.forEach(chores::compare);
        }
    }

    /** Attempts are answered, outcomes written, and what waits is given back. */
    private void finish(Node node) {
        List.copyOf(node.underWay).forEach(attempt -> node.answer(attempt, 200, null));
        settling.settle(node, List.copyOf(node.ended));
        node.unwanted.addAll(node.waiting);
        node.waiting.clear();
        settling.giveBack(node);
        assertThat(node.ended).isEmpty();
    }

    /** Lanes flow, replays end, all that is due is sent and answered: in the end every delivery is final. */
    void drain(Replaying replaying, Node by) {
        rest();
        world.breaksOneIn = 0;
        model.lanes(lane -> lane.deletedAt == null && !lane.state.equals("active"))
                .forEach(lane -> world.lanes.setState(lane, "active", null, by));
        for (int round = 0;
                round < 500 && !model.where(row -> row.queue() != null).isEmpty();
                round++) {
            world.pass(Duration.ofMinutes(10));
            world.beats(1);
            List.copyOf(model.jobs.values()).forEach(replaying::step);
            world.nodes.forEach(claiming::claim);
            world.nodes.forEach(this::deliver);
        }
        assertThat(model.where(row -> !row.isFinal())).as("not final").isEmpty();
        model.jobs.values().forEach(job -> endOf(replaying, job));
        new Account(world).check();
        Invariants.holdAtRest(world.tx);
    }

    private void endOf(Replaying replaying, Job job) {
        replaying.step(job);
        replaying.step(job);
        assertThat(job.open()).as("open of replay %s", job.id).isZero();
    }

    private void deliver(Node node) {
        while (!node.waiting.isEmpty()) {
            UUID lane = node.waiting.get(0).subscriptionId();
            if (!node.pump(lane)) {
                for (Attempt attempt : List.copyOf(node.underWay)) {
                    node.answer(attempt, 200, null);
                }
            }
        }
        List.copyOf(node.underWay).forEach(attempt -> node.answer(attempt, 200, null));
        settling.settle(node, List.copyOf(node.ended));
        settling.giveBack(node);
        for (Lane lane : model.lanes.values()) {
            node.places.claimed(lane.id, false);
        }
    }
}
