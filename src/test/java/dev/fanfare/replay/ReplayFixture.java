package dev.fanfare.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.delivery.CancelStore;
import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.ClaimStore;
import dev.fanfare.delivery.ClaimStore.Due;
import dev.fanfare.delivery.ClaimStore.Want;
import dev.fanfare.delivery.GateStore;
import dev.fanfare.delivery.GiveBackStore;
import dev.fanfare.delivery.Outcome;
import dev.fanfare.delivery.Reason;
import dev.fanfare.delivery.SettleStore;
import dev.fanfare.delivery.Settlement;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.Tx;
import dev.fanfare.platform.TypeId;
import dev.fanfare.replay.Job.Counters;
import dev.fanfare.testing.Invariants;
import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Replays on a real database, stepped by hand; the counters add up after each step, the invariants after each test. */
abstract class ReplayFixture {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    /** Everything was accepted, and died, before. */
    static final Instant NOW = Rows.NOW;

    static final Instant CREATED = NOW.plusSeconds(60);
    static final Instant LATER = NOW.plusSeconds(120);

    final Tx tx = postgres.tx();
    final Rows rows = new Rows(tx);
    final ReplayStore store = new ReplayStore(tx);
    final ClaimStore claims = new ClaimStore(tx);
    final SettleStore settles = new SettleStore(tx, new GateStore(tx));
    final CancelStore cancels = new CancelStore(tx);
    final GiveBackStore giveBacks = new GiveBackStore(tx);
    final UUID node = rows.node();
    final UUID lane = rows.subscription();
    private final List<UUID> jobs = new ArrayList<>();
    private boolean eventsGone;

    @AfterEach
    void the_invariants_hold() {
        the_counters_add_up();
        if (!eventsGone) {
            Invariants.hold(tx);
        }
    }

    /** What a delivery that was attempted once left; claim number 4, as after three give-backs. */
    UUID past(UUID subscription, Instant accepted, String state, @Nullable String reason) {
        return past(subscription, accepted, state, reason, "row.made", "/rows");
    }

    UUID past(UUID subscription, Instant accepted, String state, @Nullable String reason, String type, String source) {
        UUID event = rows.event(accepted);
        rows.run("update event set type = ?, source = ? where id = ?", type, source, event);
        UUID id = Ids.at(accepted);
        boolean delivered = state.equals("delivered");
        rows.run(
                """
                insert into delivery (id, event_id, subscription_id, tenant_id, event_type, state, dead, reason,
                                      settled_at, attempts, claim_no, last_status)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?::timestamptz, 1, 4, ?)""",
                id,
                event,
                subscription,
                TestPostgres.TENANT,
                type,
                state,
                state.equals("dead"),
                reason,
                NOW.toString(),
                delivered ? 200 : 500);
        rows.run("""
                insert into attempt (delivery_id, claim_no, number, started_at, duration_ms, status)
                values (?, 4, 1, ?::timestamptz, 5, ?)""", id, NOW.toString(), delivered ? 200 : 500);
        return id;
    }

    UUID dead(UUID subscription) {
        return past(subscription, NOW, "dead", "exhausted");
    }

    List<UUID> dead(UUID subscription, int count) {
        return IntStream.range(0, count).mapToObj(i -> dead(subscription)).toList();
    }

    UUID delivered(UUID subscription) {
        return past(subscription, NOW, "delivered", null);
    }

    /** Its event is no longer kept. */
    void eventGone(UUID delivery) {
        eventsGone = true;
        rows.run("delete from event where id = (select event_id from delivery where id = ?)", delivery);
    }

    /** JSON with single quotes; created at {@link #CREATED}, after which nothing of the fixture's past changes. */
    UUID job(String selector) {
        return job(selector, true);
    }

    UUID job(String selector, boolean same) {
        UUID id = Ids.at(CREATED);
        store.create(id, TestPostgres.TENANT, selector.replace('\'', '"'), same, CREATED);
        jobs.add(id);
        return id;
    }

    static String naming(UUID... deliveries) {
        return "{'deliveries':["
                + String.join(
                        ",",
                        java.util.Arrays.stream(deliveries)
                                .map(id -> "'" + TypeId.format("dlv", id) + "'")
                                .toList())
                + "]}";
    }

    static String in(UUID subscription) {
        return "{'subscription':'" + TypeId.format("sub", subscription) + "'}";
    }

    long step(UUID job) {
        long queued = store.step(job, LATER).queued();
        the_counters_add_up();
        return queued;
    }

    /** Steps until nothing more is to be done at once. */
    Job feed(UUID job) {
        boolean more = true;
        for (int steps = 0; more; steps++) {
            assertThat(steps).as("steps").isLessThan(1_000);
            more = store.step(job, LATER).more();
            the_counters_add_up();
        }
        return shown(job);
    }

    Job shown(UUID job) {
        return store.find(TestPostgres.TENANT, job).orElseThrow();
    }

    Counters counters(UUID job) {
        return shown(job).counters();
    }

    private void the_counters_add_up() {
        for (UUID job : jobs) {
            Counters c = counters(job);
            long skipped = 0;
            for (var count : ReplayStore.parse(c.skipped())) {
                skipped += count.asLong();
            }
            assertThat(c.matched()).as("matched of %s", c).isEqualTo(c.queued() + skipped + c.gone() + c.left());
            assertThat(c.queued())
                    .as("queued of %s", c)
                    .isEqualTo(c.delivered() + c.failed() + c.cancelled() + c.open());
            assertThat(c.open())
                    .as("open of %s", c)
                    .isEqualTo(rows.all("select id from queue where replay_id = ?", job)
                            .size());
        }
    }

    List<Claim> claim(UUID subscription) {
        return claims.claim(node, List.of(new Want(subscription, 1_000, Instant.EPOCH)), LATER).stream()
                .map(Due::claim)
                .toList();
    }

    static Settlement answered(Claim claim, int status) {
        Reason failure = status == 200 ? null : Reason.HTTPSTATUS;
        Outcome outcome = new Outcome(LATER, 40, "192.0.2.1", status, failure, null, new byte[0], new byte[0], false);
        return Settlement.of(claim, outcome, Rows.live(claim.subscriptionId(), 1), true, 0.5);
    }

    /** Attempts all that is due in a lane; 200 delivers, 400 is final, 500 is tried again. */
    int attempt(UUID subscription, int status) {
        List<Settlement> batch = claim(subscription).stream()
                .map(claim -> answered(claim, status))
                .toList();
        if (!batch.isEmpty()) {
            settles.settle(node, batch, LATER);
        }
        the_counters_add_up();
        return batch.size();
    }
}
