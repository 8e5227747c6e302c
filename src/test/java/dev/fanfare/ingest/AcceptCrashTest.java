package dev.fanfare.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.GiveBackStore;
import dev.fanfare.platform.DatabaseException;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.Problem;
import dev.fanfare.platform.Tx;
import dev.fanfare.subscription.Directories;
import dev.fanfare.subscription.Directory;
import dev.fanfare.testing.Breakable;
import dev.fanfare.testing.Breakable.Side;
import dev.fanfare.testing.Invariants;
import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An accept that breaks at any of its statements: a request is stored whole or not at all, what was answered 202 is there,
 * sending the rest again is harmless, and no delivery is left in flight in nobody's hands.
 */
class AcceptCrashTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private final Tx tx = postgres.tx();
    private final Rows rows = new Rows(tx);
    private final GiveBackStore giveBacks = new GiveBackStore(tx);
    private final Breakable database = new Breakable(postgres.dataSource());
    private final Tx breaking = new Tx(database.dataSource());
    private final Directory directory = Directories.of(breaking);

    private static Submission submission(String... ids) {
        List<WireEvent> events = List.of(ids).stream()
                .map(id -> WireEvent.stored(
                        id,
                        "/s",
                        "t",
                        null,
                        null,
                        null,
                        null,
                        null,
                        WireEvent.DataKind.TEXT,
                        id.getBytes(StandardCharsets.UTF_8)))
                .toList();
        return new Submission(TestPostgres.TENANT, events, null, 10, new CompletableFuture<>());
    }

    /** Two requests: one with two new events, one whose event is known; all of them matched against a version too old. */
    private class Requests implements Breakable.Drill {
        private final boolean dies;
        private int round;
        Desk desk = new Desk(UUID.randomUUID());
        List<Submission> requests = List.of();

        Requests(boolean dies) {
            this.dies = dies;
        }

        Desk desk() {
            return new Desk(rows.node());
        }

        @Override
        public void prepare() {
            round++;
            desk = desk();
            writer().write(List.of(submission("known" + round)));
            rows.run("update tenant set routing_version = routing_version + 1");
            requests = List.of(submission("a" + round, "b" + round), submission("known" + round));
        }

        AcceptWriter writer() {
            return desk.writer(breaking, directory);
        }

        @Override
        public void run() {
            try {
                writer().write(requests);
            } catch (DatabaseException failure) {
                // as the queue does
                requests.forEach(request -> request.fail(Problem.unavailable("not stored", Duration.ofSeconds(1))));
            }
        }

        @Override
        public void recover(DatabaseException broken) {
            assertThat(broken).as("told to the producers").isNull();
            assertThat(rows.count("event where ce_id in ('a%1$d', 'b%1$d')".formatted(round)))
                    .as("a request is stored whole")
                    .isIn(0L, 2L);
            for (Submission request : requests) {
                assertThat(request.result()).as("answered").isDone();
                if (!request.result().isCompletedExceptionally()) {
                    request.result().join().forEach(this::isStored);
                }
            }
            if (dies) {
                takeOver(desk.node);
                desk = desk();
            }
            Submission again = submission("a" + round, "b" + round, "known" + round);
            writer().write(List.of(again));
            again.result().join().forEach(this::isStored);
            nobodyIsForgotten();
        }

        private void isStored(Accepted accepted) {
            assertThat(rows.all("select id from event where ce_id = '%s'".formatted(accepted.id())))
                    .singleElement()
                    .satisfies(event -> assertThat(event).containsEntry("id", accepted.event()));
            assertThat(rows.all("select distinct subscription_id from delivery where event_id = ?", accepted.event()))
                    .hasSameSizeAs(rows.all("select id from subscription"));
        }

        private void nobodyIsForgotten() {
            Set<UUID> held = new HashSet<>();
            desk.claimed.forEach(one -> held.add(one.claim().id()));
            giveBackUnheld(held);
            rows.all("select id, state from delivery").forEach(row -> assertThat(row.get("state"))
                    .isEqualTo(held.contains((UUID) row.get("id")) ? "inflight" : "pending"));
            Invariants.holdAtRest(tx);
            rows.run("truncate event, delivery, queue, identity_current, identity_previous, node");
        }

        private void giveBackUnheld(Collection<UUID> held) {
            List<Claim> unheld =
                    giveBacks
                            .freshClaims(desk.node, Ids.lowest(Instant.EPOCH), Ids.highest(Rows.NOW.plusSeconds(60)))
                            .stream()
                            .filter(key -> !held.contains(key.id()))
                            .map(key -> Claim.fresh(desk.node, key.id(), key.id()))
                            .toList();
            giveBacks.giveBack(desk.node, unheld, Rows.NOW);
        }
    }

    private void takeOver(UUID node) {
        rows.gone(node);
        giveBacks.takeOverQueued(Rows.NOW);
        giveBacks.goneNodes().forEach(gone -> giveBacks.takeOverFresh(gone, Rows.NOW));
    }

    /** Right before a statement the tables are as right after the one before it: so both ways to recover are tried there. */
    @ParameterizedTest
    @EnumSource
    void a_broken_accept_loses_nothing(Side side) {
        rows.subscription();
        rows.subscription();
        boolean dies = side == Side.AFTER;
        assertThat(database.breakEverywhere(side, new Requests(dies))).isGreaterThan(6);
    }

    private static final Instant MISSING_DAY = Instant.parse("2025-03-03T12:00:00Z");

    private void dropDays() {
        for (String table : List.of("event", "delivery", "attempt")) {
            rows.run("drop table if exists %1$s_20250303, %1$s_20250304".formatted(table));
        }
    }

    @Test
    void an_accept_that_breaks_while_it_makes_its_day_loses_nothing() {
        rows.subscription();
        Requests requests = new Requests(false) {
            @Override
            Desk desk() {
                Desk late = super.desk();
                late.direct = false;
                return late;
            }

            @Override
            public void prepare() {
                super.prepare();
                dropDays();
                desk.time = MISSING_DAY;
            }
        };
        try {
            assertThat(database.breakEverywhere(Side.AFTER, requests)).isGreaterThan(20);
        } finally {
            dropDays();
        }
    }
}
