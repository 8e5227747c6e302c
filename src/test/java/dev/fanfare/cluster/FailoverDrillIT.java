package dev.fanfare.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.testing.PackagedFanfare;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three replicas under load whose Postgres fails over: to one with the same data after a while in which connections are
 * refused, {@code -Ddrill.away.seconds=} (12), or to one that lost the last moments.
 */
class FailoverDrillIT {
    /** Twice what a node must be silent for to be declared dead. */
    private static final int SECONDS_AWAY = Integer.getInteger("drill.away.seconds", 12);

    private static final int REPLICAS = 3;
    private static final int TYPES = 5;
    private static final int PER_SECOND = 200;

    @TempDir
    static Path temporary;

    private static final List<PackagedFanfare> replicas = new ArrayList<>();
    private static DrilledPostgres postgres;
    private static FlakyReceiver receiver;
    private static List<UUID> subscriptions;

    @BeforeAll
    static void start() throws Exception {
        receiver = FlakyReceiver.start(FlakyReceiver.seed("Failover drill"));
        postgres = DrilledPostgres.start();
        for (int i = 0; i < REPLICAS; i++) {
            replicas.add(Replicas.start(temporary.resolve("replica" + i), postgres));
        }
        replicas.forEach(PackagedFanfare::awaitReady);
        subscriptions = Replicas.subscribe(replicas.get(0), receiver, 2 * TYPES, TYPES);
    }

    @AfterAll
    static void stop() throws IOException {
        replicas.forEach(PackagedFanfare::close);
        postgres.close();
        receiver.close();
    }

    @Test
    void while_connections_are_refused_nobody_is_declared_dead() throws Exception {
        List<UUID> nodes = nodes();
        List<Integer> said = new ArrayList<>();
        for (PackagedFanfare replica : replicas) {
            said.add(replica.output().length());
        }
        try (Producers producers = load("/away")) {
            producers.start(PER_SECOND).awaitAcknowledged(200);
            producers.takeAnswers();
            postgres.proxy().refuse();
            // the time that it is away for is what is drilled
            TimeUnit.SECONDS.sleep(SECONDS_AWAY);
            postgres.proxy().forward(postgres.port());
            long back = System.nanoTime();
            List<Producers.Answer> answers = producers.takeAnswers();
            producers.awaitAcknowledged(200);
            double seconds = (System.nanoTime() - back) / 1e9;
            producers.stop();
            Account account = Account.close(postgres, "/away", receiver)
                    .isComplete(producers.acknowledged(), subscriptions, TYPES)
                    .repeatsOnly(Set.of());
            System.out.printf("Away for %d s: went on after %.1f s; %s%n", SECONDS_AWAY, seconds, account);
            assertThat(answers)
                    .extracting(Producers.Answer::status)
                    .contains(503)
                    .isSubsetOf(202, 503);
        }
        assertThat(nodes()).isEqualTo(nodes);
        assertThat(living()).containsAll(nodes);
        for (int i = 0; i < REPLICAS; i++) {
            assertThat(replicas.get(i).output().substring(said.get(i)))
                    .doesNotContain("stopped beating", "was expelled", "Took over");
        }
    }

    @Test
    void a_database_that_lost_its_last_moments_is_gone_on_with() throws Exception {
        try (Producers before = load("/before");
                Producers lost = load("/lost");
                Producers after = load("/after")) {
            before.start(PER_SECOND).awaitAcknowledged(500);
            before.stop();
            postgres.stop();
            postgres.remember();
            postgres.startAgain();

            long beats = beats();
            lost.start(PER_SECOND).awaitAcknowledged(200);
            // it is lost too, and its version with it
            Replicas.subscribe(replicas.get(0), receiver.url("/lost"), 0);
            Awaitility.await().until(() -> beats() >= beats + 2 * REPLICAS);
            List<UUID> nodes = nodes();
            lost.close();
            postgres.stop();
            postgres.goBack();
            postgres.startAgain();

            after.start(PER_SECOND).awaitAcknowledged(200);
            after.stop();
            Account.close(postgres, "/before", receiver).isComplete(before.acknowledged(), subscriptions, TYPES);
            // what was in flight when they learned of it is sent again
            Account account =
                    Account.close(postgres, "/after", receiver).isComplete(after.acknowledged(), subscriptions, TYPES);
            System.out.printf("Lost the last moments: afterwards %s%n", account);
            assertThat(nodes()).doesNotContainAnyElementsOf(nodes);
            assertThat(living()).containsAll(nodes()).doesNotContainAnyElementsOf(nodes);
        }
        for (PackagedFanfare replica : replicas) {
            assertThat(replica.output()).contains("was expelled");
        }
    }

    private static Producers load(String source) {
        return new Producers(
                new Producers.Load(source, Integer.MAX_VALUE, TYPES, Duration.ofSeconds(15)),
                replicas.toArray(PackagedFanfare[]::new));
    }

    private static List<UUID> nodes() throws IOException {
        List<UUID> nodes = new ArrayList<>();
        for (PackagedFanfare replica : replicas) {
            nodes.add(Replicas.node(replica));
        }
        return nodes;
    }

    private static List<UUID> living() throws SQLException {
        return postgres.all("select id from fanfare.node where gone_at is null").stream()
                .map(UUID::fromString)
                .toList();
    }

    private static long beats() throws SQLException {
        return Long.parseLong(postgres.all("select sum(beat) from fanfare.node where gone_at is null")
                .get(0));
    }
}
