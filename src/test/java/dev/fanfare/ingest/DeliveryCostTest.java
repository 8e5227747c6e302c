package dev.fanfare.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.cloudevents.WireEvent.DataKind;
import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.ClaimStore;
import dev.fanfare.delivery.ClaimStore.Due;
import dev.fanfare.delivery.ClaimStore.Want;
import dev.fanfare.delivery.Claimed;
import dev.fanfare.delivery.GateStore;
import dev.fanfare.delivery.Outcome;
import dev.fanfare.delivery.SettleStore;
import dev.fanfare.delivery.Settlement;
import dev.fanfare.platform.Tx;
import dev.fanfare.subscription.Directories;
import dev.fanfare.testing.Invariants;
import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import dev.fanfare.testing.Watched;
import io.agroal.api.AgroalDataSource;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a delivery costs the database from its accept until it is settled, in ten batches of 100 events. */
class DeliveryCostTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private static final int BATCHES = 10;
    private static final int EVENTS = 100;
    private static final byte[] DATA = ("{\"order\":\"" + "x".repeat(488) + "\"}").getBytes(StandardCharsets.US_ASCII);

    /**
     * What a batch and its deliveries may cost.
     *
     * @param statements of a batch, however many events and deliveries are in it
     * @param commits of a batch
     * @param walBytes of a delivery, with its share of the event
     * @param hot least share of settles that touch no index
     */
    private record Bounds(int statements, int commits, int walBytes, double hot) {}

    /** Accept; history and attempts. 1,910 bytes of WAL now, 1,510 of them with the accept; all settles are HOT. */
    private static final Bounds DIRECT = new Bounds(3, 2, 2_500, 0.99);
    /** The event's 1,000 bytes are shared by ten: 1,000 now. */
    private static final Bounds DIRECT_TO_TEN = new Bounds(3, 2, 1_300, 0.99);
    /**
     * Accept; a setting and the claim; a setting, the deliveries and their events, each once; a setting, queue, history and
     * attempts. 2,720 bytes now, and 96 % are HOT: a row that waits is smaller than a settled one, and some pages get full.
     */
    private static final Bounds QUEUED = new Bounds(10, 4, 3_500, 0.9);

    /** For each delivery, in any step of a plan. 1 now, 2 in the queue's index; a loop in a loop has 100 and more. */
    private static final int MOST_ROWS = 3;

    private final Rows rows = new Rows(postgres.tx());
    private final List<UUID> lanes = new ArrayList<>(List.of(rows.subscription()));
    private final AgroalDataSource one = postgres.oneConnection(Watched.PLANS);
    private final Watched watched = new Watched(one);
    private final Tx tx = new Tx(watched.dataSource());
    private final Rows session = new Rows(new Tx(one));
    private final Desk desk = new Desk(rows.node());
    private final ClaimStore claims = new ClaimStore(tx);
    private final SettleStore settles = new SettleStore(tx, new GateStore(tx));

    @AfterEach
    void close() {
        one.close();
        Invariants.hold(postgres.tx());
    }

    private static Submission submission(int number) {
        WireEvent event = WireEvent.stored(
                "order-" + number,
                "/shop/orders",
                "order.placed",
                null,
                "2026-03-01T12:00:00Z",
                "application/json",
                null,
                null,
                DataKind.JSON,
                DATA);
        return new Submission(TestPostgres.TENANT, List.of(event), null, DATA.length, new CompletableFuture<>());
    }

    private void accept(AcceptWriter writer, int batch) {
        List<Submission> submissions = IntStream.range(batch * EVENTS, (batch + 1) * EVENTS)
                .mapToObj(DeliveryCostTest::submission)
                .toList();
        desk.time = desk.time.plusMillis(10);
        desk.claimed.clear();
        writer.write(submissions);
        assertThat(submissions)
                .allSatisfy(each ->
                        assertThat(each.result().join().get(0).duplicate()).isFalse());
    }

    private List<Claim> claim() {
        List<Want> wants = lanes.stream()
                .map(lane -> new Want(lane, EVENTS, Instant.EPOCH))
                .toList();
        List<Claim> claimed = claims.claim(desk.node, wants, desk.time).stream()
                .map(Due::claim)
                .toList();
        claims.load(claimed);
        return claimed;
    }

    private void settle(List<Claim> ended) {
        byte[] head = "content-length: 0\r\n".getBytes(StandardCharsets.US_ASCII);
        Outcome outcome = new Outcome(desk.time, 4, "192.0.2.1", 200, null, null, head, new byte[0], false);
        List<Settlement> batch = ended.stream()
                .map(claim -> Settlement.of(claim, outcome, Rows.live(claim.subscriptionId(), 1), true, 0.5))
                .toList();
        assertThat(settles.settle(desk.node, batch, desk.time)).isEmpty();
    }

    private void acceptAndSettle(AcceptWriter writer, int batch) {
        accept(writer, batch);
        List<Claim> held =
                desk.direct ? desk.claimed.stream().map(Claimed::claim).toList() : claim();
        assertThat(held).hasSize(EVENTS * lanes.size());
        settle(held);
    }

    /** A number that the server counts, with all that ran before. */
    private long counted(String expression) {
        // twice: the first one's own end is where the counts of what ran before it are sent
        session.all("select pg_stat_force_next_flush()::text");
        session.all("select pg_stat_force_next_flush()::text");
        return (Long)
                session.all("select (" + expression + ")::bigint as n").get(0).get("n");
    }

    private long wal() {
        return counted("select wal_bytes from pg_stat_get_backend_wal(pg_backend_pid())");
    }

    private long updates(String kind) {
        return counted("select sum(" + kind + ") from pg_stat_user_tables where relname ~ '^delivery_[0-9]'");
    }

    private void holds(Bounds bounds) {
        AcceptWriter writer = desk.writer(tx, Directories.of(postgres.tx()));
        // brings the subscriptions into memory and the pages into being
        acceptAndSettle(writer, 0);
        long updates = updates("n_tup_upd");
        long hot = updates("n_tup_hot_upd");
        int deliveries = EVENTS * lanes.size();
        watched.plans();
        List<Long> wal = new ArrayList<>();
        for (int batch = 1; batch <= BATCHES; batch++) {
            int statements = watched.statements();
            int commits = watched.commits();
            long before = wal();
            acceptAndSettle(writer, batch);
            assertThat(watched.plans())
                    .allSatisfy(plan -> assertThat(Watched.mostRows(plan)).isLessThanOrEqualTo(MOST_ROWS * deliveries));
            wal.add(wal() - before);
            assertThat(watched.statements() - statements).as("statements").isLessThanOrEqualTo(bounds.statements());
            assertThat(watched.commits() - commits).as("commits").isLessThanOrEqualTo(bounds.commits());
        }
        // the middle one: a checkpoint would add whole pages to the batch after it
        Collections.sort(wal);
        assertThat(wal.get(BATCHES / 2) / deliveries)
                .as("WAL bytes of a delivery")
                .isLessThanOrEqualTo(bounds.walBytes());
        assertThat((double) (updates("n_tup_hot_upd") - hot) / (updates("n_tup_upd") - updates))
                .as("HOT share of settles")
                .isGreaterThanOrEqualTo(bounds.hot());
    }

    @Test
    void what_is_delivered_at_once_costs_three_statements_a_batch() {
        holds(DIRECT);
    }

    @Test
    void ten_deliveries_of_each_event_cost_no_more_statements() {
        for (int i = 1; i < 10; i++) {
            lanes.add(rows.subscription());
        }
        holds(DIRECT_TO_TEN);
    }

    @Test
    void what_waits_costs_ten_statements_a_batch() {
        desk.direct = false;
        holds(QUEUED);
    }
}
