package dev.fanfare.model;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.cloudevents.WireEvent.DataKind;
import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.Settlement;
import dev.fanfare.model.Model.Asked;
import dev.fanfare.model.Model.Job;
import dev.fanfare.model.Node.Attempt;
import dev.fanfare.subscription.LiveSubscription;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/** Chooses what happens next. The same seed chooses the same, but for the order of what became due at the same time. */
final class Walk {
    private static final int MOST_LIVING = 150;
    private static final int MOST_ROWS = 400;

    private record Choice(String name, BooleanSupplier step) {}

    private final Random random;
    private final World world;
    private final Model model;
    private final Claiming claiming;
    private final Settling settling;
    private final Accepting accepting;
    private final Chores chores;
    private final Replaying replaying;
    private final Population population;
    private final NavigableMap<Integer, Choice> choices = new TreeMap<>();
    private int weights;
    private int events;

    Walk(World world, Random random) {
        this.random = random;
        this.world = world;
        this.model = world.model;
        this.claiming = new Claiming(world);
        this.settling = new Settling(world);
        this.accepting = new Accepting(world);
        this.chores = new Chores(world);
        this.replaying = new Replaying(world);
        this.population = new Population(world, random);
        population.settleIn();
        offer(140, "time", this::time);
        offer(100, "accept", this::accept);
        offer(150, "claim", () -> claiming.claim(running()));
        offer(180, "send", this::send);
        offer(160, "answer", this::answer);
        offer(140, "settle", this::settle);
        offer(30, "give back", () -> settling.giveBack(running()));
        offer(30, "unwanted", this::unwanted);
        offer(20, "settle again", this::settleAgain);
        offer(10, "give back again", this::giveBackAgain);
        offer(40, "compare", () -> chores.compare(running()));
        offer(15, "sweep", () -> chores.sweep(running()));
        offer(20, "cancel deleted", () -> chores.cancelDeleted(running()));
        offer(8, "forget tombstones", () -> chores.forgetTombstones(running()));
        offer(25, "change lane", population::changeLane);
        offer(12, "subscribe", population::subscribe);
        offer(8, "replay", this::replay);
        offer(30, "step replay", () -> !model.jobs.isEmpty() && replaying.step(any(jobs())));
        offer(5, "cancel replay", () -> !model.jobs.isEmpty() && replaying.cancel(any(jobs())));
        offer(8, "freeze", population::freeze);
        offer(15, "thaw", population::thaw);
        offer(6, "kill", population::kill);
        offer(20, "start", population::start);
        offer(4, "wait", () -> later(Duration.ofMinutes(1 + random.nextInt(600))));
        offer(3, "forget days", chores::forgetDays);
        offer(5, "clock set back", this::clockBack);
        offer(15, "long silence", () -> beats(9));
    }

    private void offer(int weight, String name, BooleanSupplier step) {
        choices.put(weights, new Choice(name, step));
        weights += weight;
    }

    /** Takes one step; returns its name. */
    String step() {
        if (model.rows.size() > MOST_ROWS && world.step % 50 == 0) {
            later(Duration.ofHours(12));
            chores.forgetDays();
        }
        while (true) {
            Choice choice = Objects.requireNonNull(choices.floorEntry(random.nextInt(weights)))
                    .getValue();
            if (choice.step.getAsBoolean()) {
                world.step++;
                return choice.name;
            }
        }
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private List<Job> jobs() {
        return List.copyOf(model.jobs.values());
    }

    private Node running() {
        return population.running();
    }

    private boolean time() {
        world.pass(Duration.ofMillis(random.nextInt(1_000)));
        return beats(1);
    }

    private boolean beats(int seconds) {
        world.beats(seconds);
        return true;
    }

    private boolean later(Duration time) {
        world.pass(time);
        if (random.nextInt(3) > 0) {
            world.days.ensure(world.now(), 1);
        }
        chores.turnIdentities();
        return beats(1);
    }

    /** By less than ids may lie below the floor that was told before. */
    private boolean clockBack() {
        beats(1);
        world.clock.forward(Duration.ofMillis(-random.nextInt(5_000)));
        return true;
    }

    private boolean accept() {
        if (model.where(row -> !row.isFinal()).size() > MOST_LIVING) {
            return false;
        }
        Node node = running();
        List<WireEvent> request = new ArrayList<>();
        do {
            boolean copy = events > 0 && random.nextInt(10) == 0;
            request.add(event(copy ? Math.max(0, events - random.nextInt(20)) : ++events));
        } while (random.nextInt(3) == 0);
        LiveSubscription only = random.nextInt(20) == 0 && !model.lanes.isEmpty()
                ? node.directory.find(any(List.copyOf(model.lanes.keySet())))
                : null;
        return accepting.accept(node, request, only);
    }

    private WireEvent event(int number) {
        return WireEvent.stored(
                "e" + number,
                "/walk",
                random.nextInt(3) == 0 ? "b" : "a",
                null,
                null,
                null,
                null,
                null,
                DataKind.TEXT,
                "data".getBytes(StandardCharsets.UTF_8));
    }

    private boolean send() {
        Node node = running();
        if (node.waiting.isEmpty()) {
            return false;
        }
        boolean sent = false;
        for (UUID lane : lanesOf(node.waiting)) {
            while (lanesOf(node.waiting).contains(lane) && node.pump(lane)) {
                sent = true;
            }
        }
        return sent;
    }

    private static List<UUID> lanesOf(List<Claim> claims) {
        return List.copyOf(
                new LinkedHashSet<>(claims.stream().map(Claim::subscriptionId).toList()));
    }

    /** Some attempts of a node end. */
    private boolean answer() {
        Node node = running();
        for (Attempt attempt : some(node.underWay)) {
            int dice = random.nextInt(100);
            if (dice < 58) {
                node.answer(attempt, 200, null);
            } else if (dice < 78) {
                node.answer(attempt, random.nextBoolean() ? 500 : 0, null);
            } else if (dice < 90) {
                node.answer(attempt, 400, null);
            } else if (dice < 93) {
                node.answer(attempt, 410, null);
            } else {
                node.answer(attempt, 503, Duration.ofSeconds(1L << random.nextInt(12)));
            }
        }
        return !node.ended.isEmpty();
    }

    /** At least one, where there is one. */
    private <T> List<T> some(List<T> of) {
        List<T> shuffled = new ArrayList<>(of);
        Collections.shuffle(shuffled, random);
        return shuffled.isEmpty() ? shuffled : shuffled.subList(0, 1 + random.nextInt(shuffled.size()));
    }

    private boolean settle() {
        Node node = running();
        List<Settlement> batch = some(node.ended);
        return !batch.isEmpty() && settling.settle(node, batch);
    }

    private boolean unwanted() {
        Node node = running();
        List<Claim> back = some(node.waiting);
        node.waiting.removeAll(back);
        node.unwanted.addAll(back);
        return !back.isEmpty();
    }

    private boolean settleAgain() {
        Node node = running();
        List<Settlement> written =
                node.written().stream().filter(s -> !s.disables()).toList();
        return !written.isEmpty() && settling.settleAgain(node, any(written));
    }

    private boolean giveBackAgain() {
        Node node = running();
        return !node.returned().isEmpty() && node.unwanted.add(any(node.returned())) && settling.giveBack(node);
    }

    private boolean replay() {
        UUID lane = random.nextBoolean() || model.lanes.isEmpty() ? null : any(List.copyOf(model.lanes.keySet()));
        String state = any(List.of("dead", "dead", "cancelled", "pending", "delivered"));
        Asked asked = random.nextInt(3) == 0 && !model.rows.isEmpty()
                ? new Asked(
                        some(List.copyOf(model.rows.keySet())).stream()
                                .limit(20)
                                .toList(),
                        null,
                        null)
                : new Asked(null, state, lane);
        return model.jobs.size() < 3 && replaying.create(asked, random.nextBoolean());
    }

    /** Everything comes to rest: nothing is in flight, or in doubt. */
    void rest() {
        new Rest(world, claiming, settling, chores).rest();
    }

    /** Everything is delivered, and the account taken. */
    void drain() {
        new Rest(world, claiming, settling, chores).drain(replaying, running());
    }
}
