package dev.fanfare.model;

import dev.fanfare.model.Model.Lane;
import dev.fanfare.platform.Ids;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** Processes and subscriptions: they come, change and go. */
final class Population {
    private static final int LANES = 4;
    private static final int NODES = 3;

    private final World world;
    private final Model model;
    private final Random random;
    private final List<UUID> freePlaces = new ArrayList<>();

    Population(World world, Random random) {
        this.world = world;
        this.model = world.model;
        this.random = random;
    }

    void settleIn() {
        start();
        start();
        while (model.lanes.size() < LANES) {
            subscribe();
        }
    }

    /** Any process that runs. */
    Node running() {
        if (world.running().isEmpty() && !thaw()) {
            start();
        }
        return any(world.running());
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    boolean subscribe() {
        if (model.lanes(lane -> lane.deletedAt == null).size() >= LANES) {
            return false;
        }
        String type = random.nextInt(3) == 0 ? "a" : null;
        world.lanes.write(new Lane(Ids.at(world.now()), type, world.now()), running());
        return true;
    }

    boolean changeLane() {
        List<Lane> there = model.lanes(lane -> lane.deletedAt == null);
        if (there.isEmpty()) {
            return false;
        }
        Lane lane = any(there);
        Node by = running();
        switch (random.nextInt(8)) {
            case 0 -> world.lanes.setState(lane, "deleted", null, by);
            case 1 -> world.lanes.setState(lane, "disabled", "gone", by);
            case 2 -> world.lanes.moveSink(lane, by);
            case 3, 4 -> world.lanes.setState(lane, "paused", null, by);
            default -> world.lanes.setState(lane, "active", null, by);
        }
        return true;
    }

    boolean freeze() {
        if (world.running().size() < 2) {
            return false;
        }
        running().frozen = true;
        return true;
    }

    boolean thaw() {
        List<Node> frozen = world.nodes.stream().filter(node -> node.frozen).toList();
        if (frozen.isEmpty()) {
            return false;
        }
        any(frozen).frozen = false;
        return true;
    }

    boolean kill() {
        if (world.nodes.size() < 2) {
            return false;
        }
        Node node = any(world.nodes);
        world.nodes.remove(node);
        node.kill();
        freePlaces.add(node.place);
        return true;
    }

    /** A new process, in the place of one that was killed or in a new one. */
    boolean start() {
        if (world.nodes.size() >= NODES) {
            return false;
        }
        boolean again = !freePlaces.isEmpty() && random.nextBoolean();
        new Node(world, again ? freePlaces.remove(0) : UUID.randomUUID());
        return true;
    }
}
