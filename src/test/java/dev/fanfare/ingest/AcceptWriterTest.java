package dev.fanfare.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.cloudevents.WireEvent.DataKind;
import dev.fanfare.delivery.Claimed;
import dev.fanfare.fanout.Router;
import dev.fanfare.platform.DayPartitions;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.ProblemException;
import dev.fanfare.platform.ProblemType;
import dev.fanfare.platform.Tx;
import dev.fanfare.retention.IdentityTurn;
import dev.fanfare.subscription.Directories;
import dev.fanfare.subscription.Directory;
import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.testing.Invariants;
import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class AcceptWriterTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private final Tx tx = postgres.tx();
    private final Rows rows = new Rows(tx);
    private final UUID lane = rows.subscription();
    private final Directory directory = Directories.of(tx);
    private final Desk desk = new Desk(rows.node());
    private final AcceptWriter writer = writer(desk, directory);

    /** Takes everything, or nothing, into its hands and keeps the books. */
    private static final class Desk implements Handoff {
        private UUID node;
        private Instant time = Rows.NOW;
        private boolean direct = true;
        private int reserved;
        private int open;
        private final List<Claimed> claimed = new ArrayList<>();
        private final List<UUID> queuedLanes = new ArrayList<>();

        Desk(UUID node) {
            this.node = node;
        }

        @Override
        public UUID node() {
            return node;
        }

        @Override
        public Instant opened() {
            open++;
            return time;
        }

        @Override
        public void closed(Instant batch, boolean certain) {
            open--;
        }

        @Override
        public boolean reserve(LiveSubscription subscription, WireEvent event) {
            reserved += direct ? 1 : 0;
            return direct;
        }

        @Override
        public void release(UUID subscriptionId, WireEvent event) {
            reserved--;
        }

        @Override
        public void accepted(List<Claimed> committed, Collection<UUID> queued) {
            claimed.addAll(committed);
            queuedLanes.addAll(queued);
        }
    }

    private AcceptWriter writer(Handoff handoff, Directory of) {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        return new AcceptWriter(
                new AcceptStore(tx),
                of,
                new Router(of, meters),
                handoff,
                new DayPartitions(tx),
                new IngestMetrics(meters));
    }

    @AfterEach
    void the_books_balance() {
        Invariants.hold(tx);
        assertThat(desk.open).isZero();
        assertThat(desk.reserved).as("places kept are claims handed over").isEqualTo(desk.claimed.size());
    }

    private static WireEvent event(String id, String data) {
        return WireEvent.stored(
                id, "/s", "t", null, null, null, null, null, DataKind.TEXT, data.getBytes(StandardCharsets.UTF_8));
    }

    private static Submission submission(WireEvent... events) {
        return new Submission(TestPostgres.TENANT, List.of(events), null, 10, new CompletableFuture<>());
    }

    private List<Accepted> write(WireEvent... events) {
        Submission submission = submission(events);
        writer.write(List.of(submission));
        return submission.result().getNow(null);
    }

    private static ProblemType refusal(Submission submission) {
        try {
            submission.result().getNow(null);
            return null;
        } catch (CompletionException failure) {
            return ((ProblemException) failure.getCause()).problem().type();
        }
    }

    @Test
    void an_event_and_its_deliveries_are_stored_and_handed_over() {
        Accepted accepted = write(event("1", "a")).get(0);
        assertThat(accepted.duplicate()).isFalse();
        assertThat(accepted.deliveries()).hasSize(1);
        assertThat(rows.delivery(accepted.deliveries().get(0)))
                .containsEntry("state", "inflight")
                .containsEntry("node", desk.node)
                .containsEntry("event_id", accepted.event())
                .containsEntry("subscription_id", lane);
        assertThat(rows.count("queue")).isZero();
        assertThat(desk.claimed)
                .singleElement()
                .satisfies(one -> assertThat(one.event().id()).isEqualTo("1"));
    }

    @Test
    void what_has_no_place_waits_in_the_queue_due_now() {
        desk.direct = false;
        UUID delivery = write(event("1", "a")).get(0).deliveries().get(0);
        assertThat(rows.queued(delivery)).containsEntry("due_at", Rows.NOW).containsEntry("claim_no", 1);
        assertThat(desk.queuedLanes).containsExactly(lane);
        assertThat(desk.claimed).isEmpty();
    }

    @Test
    void a_copy_is_answered_with_the_first_and_says_whether_it_is_the_same() {
        UUID first = write(event("1", "a")).get(0).event();
        assertThat(write(event("1", "a"))).containsExactly(new Accepted(first, "1", "/s", true, List.of()));
        assertThat(write(event("1", "b"))).containsExactly(new Accepted(first, "1", "/s", false, List.of()));
        assertThat(rows.count("event")).isEqualTo(1);
        assertThat(rows.count("delivery")).isEqualTo(1);
    }

    @Test
    void a_copy_is_found_in_the_generation_before() {
        UUID first = write(event("1", "a")).get(0).event();
        Duration window = Duration.ofDays(1);
        assertThat(new IdentityTurn(tx)
                        .turnIfDue(window, Instant.now().plus(window).plusSeconds(60)))
                .isTrue();
        assertThat(write(event("1", "a"))).containsExactly(new Accepted(first, "1", "/s", true, List.of()));
    }

    @Test
    void of_copies_in_one_batch_the_first_counts() {
        for (int round = 0; round < 10; round++) {
            String id = "r" + round;
            WireEvent[] copies = new WireEvent[8];
            Arrays.setAll(copies, i -> event(id, "copy " + i));
            List<Accepted> accepted = write(copies);
            assertThat(accepted)
                    .extracting(Accepted::duplicate)
                    .containsExactly(false, true, true, true, true, true, true, true);
            assertThat(accepted)
                    .extracting(Accepted::event)
                    .containsOnly(accepted.get(0).event());
            assertThat(accepted.get(1).same()).isFalse();
        }
        assertThat(rows.all("select distinct convert_from(data, 'UTF8') as d from event"))
                .singleElement()
                .satisfies(row -> assertThat(row).containsEntry("d", "copy 0"));
    }

    @Test
    void two_requests_of_a_batch_with_the_same_event_are_both_answered() {
        Submission one = submission(event("1", "a"), event("2", "a"));
        Submission two = submission(event("2", "a"), event("3", "a"));
        writer.write(List.of(one, two));
        assertThat(one.result().join()).extracting(Accepted::duplicate).containsExactly(false, false);
        assertThat(two.result().join()).extracting(Accepted::duplicate).containsExactly(true, false);
    }

    @Test
    void replicas_with_the_same_events_in_other_orders_store_each_once() {
        List<CompletableFuture<List<Accepted>>> answers = new ArrayList<>();
        for (int replica = 0; replica < 4; replica++) {
            WireEvent[] events = new WireEvent[50];
            int shift = replica * 13;
            Arrays.setAll(events, i -> event("e" + (i + shift) % 50, "a"));
            Desk own = new Desk(desk.node);
            answers.add(CompletableFuture.supplyAsync(() -> {
                Submission submission = submission(events);
                writer(own, Directories.of(tx)).write(List.of(submission));
                return submission.result().join();
            }));
        }
        long first = answers.stream()
                .flatMap(answer -> answer.join().stream())
                .filter(accepted -> !accepted.duplicate())
                .count();
        assertThat(first).isEqualTo(50);
        assertThat(rows.count("event")).isEqualTo(50);
        assertThat(rows.count("delivery")).isEqualTo(50);
    }

    @Test
    void an_event_that_the_database_refuses_is_refused_alone() {
        List<Submission> batch = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            batch.add(submission(event(i == 4 ? "nul\0" : "e" + i, "a")));
        }
        writer.write(batch);
        for (int i = 0; i < 9; i++) {
            assertThat(refusal(batch.get(i))).as("request %d", i).isEqualTo(i == 4 ? ProblemType.UNSTORABLE : null);
        }
        assertThat(rows.count("event")).isEqualTo(8);
    }

    @Test
    void a_subscription_made_after_the_match_is_matched_again() {
        write(event("before", "a"));
        UUID second = rows.subscription();
        assertThat(directory.find(second)).as("not known here yet").isNull();
        assertThat(write(event("after", "a")).get(0).deliveries()).hasSize(2);
        assertThat(rows.count("delivery")).isEqualTo(3);
    }

    @Test
    void a_tenant_whose_subscriptions_cannot_be_read_is_refused_alone() {
        UUID healthy = new UUID(7, 7);
        rows.run("insert into tenant (id, name) values (?, 'healthy')", healthy);
        rows.run("update subscription set config = '{\"sink\":1}' where id = ?", lane);
        Submission refused = submission(event("1", "a"));
        Submission taken = new Submission(healthy, List.of(event("1", "a")), null, 10, new CompletableFuture<>());

        writer.write(List.of(refused, taken));

        assertThat(refusal(refused)).isEqualTo(ProblemType.UNAVAILABLE);
        assertThat(taken.result().getNow(null)).hasSize(1);
        assertThat(rows.count("event")).isEqualTo(1);
    }

    @Test
    void an_expelled_node_accepts_nothing() {
        rows.gone(desk.node);
        Submission submission = submission(event("1", "a"));
        writer.write(List.of(submission));
        assertThat(refusal(submission)).isEqualTo(ProblemType.UNAVAILABLE);
        assertThat(rows.count("event")).isZero();
        assertThat(rows.count("identity_current")).isZero();
    }

    @Test
    void a_day_that_is_missing_is_made() {
        desk.time = Instant.parse("2032-02-29T23:59:59.999Z");
        Accepted accepted = write(event("1", "a")).get(0);
        assertThat(Ids.timeOf(accepted.event())).isEqualTo(desk.time);
        assertThat(rows.delivery(accepted.deliveries().get(0))).containsEntry("state", "inflight");
    }

    @Test
    void an_empty_batch_is_answered_with_nothing() {
        assertThat(write()).isEmpty();
    }

    @Test
    void a_batch_with_many_deliveries_is_committed_in_several_statements() {
        for (int i = 0; i < 29; i++) {
            rows.subscription();
        }
        directory.refreshAll();
        List<Submission> all = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            all.add(submission(event("many" + i, "a")));
        }
        writer.write(all);
        assertThat(all).allSatisfy(one -> assertThat(one.result().join().get(0).deliveries())
                .hasSize(30));
        assertThat(rows.all("select distinct xmin::text from event")).hasSize(2);
    }
}
