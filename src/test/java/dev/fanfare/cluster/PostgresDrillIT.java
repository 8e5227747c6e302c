package dev.fanfare.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.testing.PackagedFanfare;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One server under load whose Postgres goes, in every way that one can. Ingest says 503 and when to come back, what was
 * under way is written down afterwards, and all goes on by itself.
 */
@Tag("drill")
class PostgresDrillIT {
    private static final int TYPES = 5;
    private static final int PER_SECOND = 300;
    private static final int REFUSALS = 5;

    /** The product's limits for a statement and for a connection that is silent, a fifth as long. */
    private static final String[] SHORT_LIMITS = {
        "-Dquarkus.datasource.jdbc.new-connection-sql=set default_transaction_isolation = 'read committed';"
                + " set lock_timeout = 1000; set statement_timeout = 2000; set idle_in_transaction_session_timeout = 1000",
        "-Dquarkus.datasource.jdbc.additional-jdbc-properties.socketTimeout=3"
    };

    @TempDir
    static Path temporary;

    private static DrilledPostgres postgres;
    private static FlakyReceiver receiver;
    private static PackagedFanfare fanfare;
    private static List<UUID> subscriptions;

    @BeforeAll
    static void start() throws Exception {
        receiver = FlakyReceiver.start(FlakyReceiver.seed("Postgres drill"));
        postgres = DrilledPostgres.start();
        fanfare = Replicas.start(temporary.resolve("data"), postgres, SHORT_LIMITS)
                .awaitReady();
        subscriptions = Replicas.subscribe(fanfare, receiver, 2 * TYPES, TYPES);
        Trouble.prepare(postgres);
    }

    @AfterAll
    static void stop() throws Exception {
        assertThat(fanfare.terminate()).isZero();
        fanfare.close();
        postgres.close();
        receiver.close();
    }

    /** What happens to Postgres, until it is over. */
    @FunctionalInterface
    private interface Failure {
        void happen(Producers producers) throws Exception;
    }

    @Test
    void a_restart() throws Exception {
        drill("restart", producers -> {
            postgres.stop();
            producers.awaitRefused(REFUSALS);
            postgres.startAgain();
        });
    }

    @Test
    void all_backends_are_terminated_again_and_again() throws Exception {
        drill("terminated", producers -> Awaitility.await()
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    postgres.terminateAll();
                    return producers.refused() >= REFUSALS;
                }));
    }

    @Test
    void statements_take_too_long() throws Exception {
        drill("timeout", producers -> {
            Trouble.begin(postgres, Trouble.SLOW);
            producers.awaitRefused(REFUSALS);
            fanfare.awaitOutput("statement timeout");
            Trouble.end(postgres);
        });
    }

    @Test
    void the_disk_of_postgres_is_full() throws Exception {
        drill("full", producers -> {
            Trouble.begin(postgres, Trouble.DISK_FULL);
            producers.awaitRefused(REFUSALS);
            fanfare.awaitOutput("No space left on device");
            Trouble.end(postgres);
        });
    }

    @Test
    void the_server_is_made_read_only() throws Exception {
        drill("readonly", producers -> {
            postgres.run("alter system set default_transaction_read_only = on");
            postgres.run("select pg_reload_conf()");
            producers.awaitRefused(REFUSALS);
            postgres.run("alter system reset default_transaction_read_only");
            postgres.run("select pg_reload_conf()");
        });
    }

    @Test
    void connections_lead_to_a_standby_that_stays_read_only() throws Exception {
        drill("standby", producers -> {
            postgres.run("alter database drill set default_transaction_read_only = on");
            postgres.terminateAll();
            producers.awaitRefused(10 * REFUSALS);
            // sessions that are open keep it: the connections must be made anew
            postgres.run("alter database drill reset default_transaction_read_only");
        });
    }

    @Test
    void connections_are_swallowed() throws Exception {
        drill("swallowed", producers -> {
            postgres.proxy().swallow();
            // longer than the death rule, than the longest limit, and than the fence
            TimeUnit.SECONDS.sleep(8);
            postgres.proxy().forward(postgres.port());
        });
    }

    @Test
    void others_take_all_connections() throws Exception {
        drill("drained", producers -> {
            List<Connection> others = new ArrayList<>();
            try {
                Awaitility.await().pollInterval(Duration.ofMillis(50)).until(() -> drain(others));
                producers.awaitRefused(REFUSALS);
            } finally {
                for (Connection other : others) {
                    other.close();
                }
            }
        });
    }

    /** Takes every free connection, and cuts the server's so that it has none. */
    private static boolean drain(List<Connection> others) throws SQLException {
        try {
            while (true) {
                Connection other = postgres.connect();
                others.add(other);
                other.createStatement().execute(DrilledPostgres.TERMINATE);
            }
        } catch (SQLException full) {
            assertThat(full.getSQLState()).isEqualTo("53300");
        }
        var rows = others.get(0)
                .createStatement()
                .executeQuery("select from pg_stat_activity where application_name like 'fanfare%'");
        return !rows.next();
    }

    /** Lets it happen under load, and closes the account. */
    private static void drill(String name, Failure failure) throws Exception {
        UUID node = Replicas.node(fanfare);
        Producers.Load load = new Producers.Load("/" + name, Integer.MAX_VALUE, TYPES, Duration.ofSeconds(15));
        try (Producers producers = new Producers(load, fanfare)) {
            producers.start(PER_SECOND).awaitAcknowledged(100);
            producers.takeAnswers();
            int output = fanfare.output().length();
            long began = System.nanoTime();
            failure.happen(producers);
            long over = System.nanoTime();
            List<Producers.Answer> answers = producers.takeAnswers();
            producers.awaitAcknowledged(200);
            double seconds = (System.nanoTime() - over) / 1e9;
            producers.stop();
            double length = (over - began) / 1e9;
            long said = said(output);
            Account account = Account.close(postgres, "/" + name, receiver)
                    .isComplete(producers.acknowledged(), subscriptions, TYPES);
            System.out.printf(
                    "%s for %.1f s: went on after %.1f s, %d lines of warnings; %s%n",
                    name, length, seconds, said, account);
            answersWere503WithATime(answers);
            account.repeatsOnly(Set.of());
            assertThat(Replicas.node(fanfare))
                    .as("nobody is declared dead by it")
                    .isEqualTo(node);
            assertThat(said).as("nothing spins").isLessThan(50 + (long) (20 * (length + seconds)));
        }
    }

    private static void answersWere503WithATime(List<Producers.Answer> answers) {
        assertThat(answers).extracting(Producers.Answer::status).contains(503).isSubsetOf(202, 503);
        assertThat(answers).filteredOn(answer -> answer.status() == 503).allSatisfy(answer -> {
            assertThat(answer.retryAfter()).matches("[1-9][0-9]?");
            assertThat(answer.contentType()).isEqualTo("application/problem+json");
        });
    }

    private static long said(int from) throws IOException {
        return fanfare.output()
                .substring(from)
                .lines()
                .filter(line -> line.contains(" WARN ") || line.contains(" ERROR "))
                .count();
    }
}
