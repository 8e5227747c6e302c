package dev.fanfare.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.testing.PackagedFanfare;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Replicas under load, of which one is killed with {@code kill -9}, one frozen until it is declared dead and longer, and
 * one told to stop. {@code -Ddrill.seed=} repeats the failures of a former run's receivers.
 */
@Tag("drill")
class ReplicaDrillIT {
    private static final int EVENTS = 10_000;
    private static final int TYPES = 10;
    private static final int SUBSCRIPTIONS = 20;
    private static final int PER_SECOND = 500;

    /** Something is in flight on a replica when it is killed or frozen. */
    private static final int BURST = 300;

    @TempDir
    Path temporary;

    private final FlakyReceiver receiver = FlakyReceiver.start(FlakyReceiver.seed("Replica drill"));
    private DrilledPostgres postgres;

    /** A process and what it is called. */
    private record Replica(String name, PackagedFanfare process, UUID node) {}

    /** What a replica held when it was killed or frozen, and when that was. */
    private record Loss(Set<UUID> held, long nanos) {}

    @BeforeEach
    void startPostgres() throws Exception {
        postgres = DrilledPostgres.start();
    }

    @AfterEach
    void stopPostgres() throws IOException {
        receiver.close();
        postgres.close();
    }

    @Test
    void two_replicas_lose_nothing_when_one_is_frozen_one_killed_and_one_stopped() throws Exception {
        try (PackagedFanfare a = start("a");
                PackagedFanfare b = start("b");
                Producers producers = load(a, b)) {
            List<UUID> subscriptions = begin(producers, a, b);
            Replica first = ready("a", a);
            Replica second = ready("b", b);

            Loss frozen = freeze(second, producers);
            awaitTakenOver(second);
            thaw(second);
            Loss killed = kill(first, producers);
            producers.to(b);
            try (PackagedFanfare again = start("a")) {
                ready("a", again);
                awaitTakenOver(first);
                producers.to(again);
                stop(ready("b", b), producers);
                finish("two", producers, subscriptions, frozen, killed);
            }
        }
    }

    @Test
    void three_replicas_lose_nothing_when_one_is_frozen_one_killed_and_one_stopped() throws Exception {
        try (PackagedFanfare a = start("a");
                PackagedFanfare b = start("b");
                PackagedFanfare c = start("c");
                Producers producers = load(a, b, c)) {
            List<UUID> subscriptions = begin(producers, a, b, c);
            Replica first = ready("a", a);
            Replica second = ready("b", b);

            Loss killed = kill(first, producers);
            Loss frozen = freeze(second, producers);
            producers.to(b, c);
            awaitTakenOver(first);
            awaitTakenOver(second);
            thaw(second);
            producers.to(b);
            stop(ready("c", c), producers);
            finish("three", producers, subscriptions, frozen, killed);
        }
    }

    private PackagedFanfare start(String name) throws IOException {
        return Replicas.start(temporary.resolve(name), postgres);
    }

    private static Producers load(PackagedFanfare... replicas) {
        return new Producers(new Producers.Load("/replicas", EVENTS, TYPES, Duration.ofSeconds(2)), replicas);
    }

    private List<UUID> begin(Producers producers, PackagedFanfare... replicas) {
        List.of(replicas).forEach(PackagedFanfare::awaitReady);
        List<UUID> subscriptions = Replicas.subscribe(replicas[0], receiver, SUBSCRIPTIONS, TYPES);
        producers.start(PER_SECOND).awaitAcknowledged(500);
        return subscriptions;
    }

    private static Replica ready(String name, PackagedFanfare process) throws IOException {
        process.awaitReady();
        return new Replica(name, process, Replicas.node(process));
    }

    private Loss kill(Replica replica, Producers producers) throws Exception {
        producers.burst(replica.process(), BURST);
        replica.process().kill();
        long nanos = System.nanoTime();
        // its last statements end without it
        await(() -> postgres.count("pg_stat_activity where application_name = '" + application(replica) + "'") == 0);
        return new Loss(heldBy(replica), nanos);
    }

    private Loss freeze(Replica replica, Producers producers) throws Exception {
        producers.burst(replica.process(), BURST);
        replica.process().freeze();
        long nanos = System.nanoTime();
        await(() -> postgres.count(
                        "pg_stat_activity where state = 'active' and application_name = '" + application(replica) + "'")
                == 0);
        return new Loss(heldBy(replica), nanos);
    }

    private String application(Replica replica) {
        return Replicas.application(temporary.resolve(replica.name()));
    }

    private Set<UUID> heldBy(Replica replica) throws SQLException {
        Set<UUID> held = new HashSet<>();
        for (String table : List.of("delivery", "queue")) {
            postgres.all("select id from fanfare." + table + " where node = '" + replica.node() + "'")
                    .forEach(id -> held.add(UUID.fromString(id)));
        }
        assertThat(held).as("held by " + replica.name()).isNotEmpty();
        return held;
    }

    private void awaitTakenOver(Replica replica) {
        await(() -> postgres.count("fanfare.node where gone_at is not null and id = '" + replica.node() + "'") == 1
                && postgres.count("fanfare.delivery where node = '" + replica.node() + "'") == 0
                && postgres.count("fanfare.queue where node = '" + replica.node() + "'") == 0);
    }

    /** It finds itself expelled and becomes another node. */
    private void thaw(Replica replica) throws Exception {
        replica.process().thaw();
        replica.process().awaitOutput("Node " + replica.node() + " was expelled");
        await(() -> !Replicas.node(replica.process()).equals(replica.node()));
        assertThat(postgres.count(
                        "fanfare.node where gone_at is null and id = '" + Replicas.node(replica.process()) + "'"))
                .isEqualTo(1);
    }

    private void stop(Replica replica, Producers producers) throws Exception {
        producers.burst(replica.process(), BURST);
        assertThat(replica.process().terminate()).isZero();
        assertThat(replica.process().output()).contains("Stopped; nothing was in flight");
        assertThat(postgres.count("fanfare.node where gone_at is null and id = '" + replica.node() + "'"))
                .isZero();
        for (String table : List.of("delivery", "queue")) {
            assertThat(postgres.count("fanfare." + table + " where node = '" + replica.node() + "'"))
                    .isZero();
        }
    }

    private void finish(String form, Producers producers, List<UUID> subscriptions, Loss frozen, Loss killed)
            throws Exception {
        producers.finish();
        Set<UUID> lost = new HashSet<>(frozen.held());
        lost.addAll(killed.held());
        Account account = Account.close(postgres, "/replicas", receiver)
                .isComplete(producers.acknowledged(), subscriptions, TYPES)
                .repeatsOnly(lost);
        assertThat(producers.acknowledged()).hasSize(EVENTS);
        System.out.printf(
                "%s replicas, %,d events: %s; held by the killed one %d, all of it sent again after %.1f s, by the frozen"
                        + " one %d, after %.1f s; tries that both replicas sent after the freeze: %d%n",
                form,
                EVENTS,
                account,
                killed.held().size(),
                account.secondsUntilAllCame(killed.held(), killed.nanos()),
                frozen.held().size(),
                account.secondsUntilAllCame(frozen.held(), frozen.nanos()),
                account.repeatedSince(frozen.nanos()));
        assertThat(late(frozen)).as("what came late was held by the frozen one").isZero();
    }

    /** Late outcomes of deliveries that the frozen one did not hold. */
    private int late(Loss frozen) throws SQLException {
        return (int) postgres.all("select delivery_id from fanfare.attempt where late").stream()
                .filter(id -> !frozen.held().contains(UUID.fromString(id)))
                .count();
    }

    private interface Condition {
        boolean isTrue() throws Exception;
    }

    private static void await(Condition condition) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .until(condition::isTrue);
    }
}
