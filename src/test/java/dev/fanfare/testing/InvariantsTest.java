package dev.fanfare.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.GateStore;
import dev.fanfare.delivery.Outcome;
import dev.fanfare.delivery.Reason;
import dev.fanfare.delivery.SettleStore;
import dev.fanfare.delivery.Settlement;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.Tx;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each sentence of {@link Invariants} is seen broken by rows that break it. */
class InvariantsTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private final Tx tx = postgres.tx();
    private final Rows rows = new Rows(tx);

    /** One delivery of every kind, and a replay that has brought one of them. */
    @BeforeEach
    void sound_tables() {
        UUID node = rows.node();
        UUID lane = rows.subscription();
        Claim fresh = rows.fresh(node, lane);
        rows.run("""
                insert into identity_current (key, event_id, content)
                select '\\x01'::bytea, event_id, ''::bytea from delivery where id = ?""", fresh.id());
        new SettleStore(tx, new GateStore(tx))
                .settle(
                        node,
                        List.of(answered(rows.fresh(node, lane), 200), answered(rows.fresh(node, lane), 400)),
                        Rows.NOW);
        UUID claimed = rows.waiting(lane, Rows.NOW);
        rows.run("update queue set due_at = null, node = ?, claim_no = 2 where id = ?", node, claimed);
        UUID replay = rows.replay(1);
        rows.run("update queue set replay_id = ? where id = ?", replay, rows.waiting(lane, Rows.NOW));
        rows.event(Rows.NOW.plus(Duration.ofDays(1)));
    }

    private static Settlement answered(Claim claim, int status) {
        Reason failure = status == 200 ? null : Reason.HTTPSTATUS;
        Outcome outcome =
                new Outcome(Rows.NOW, 40, "192.0.2.1", status, failure, null, new byte[0], new byte[0], false);
        return Settlement.of(claim, outcome, Rows.live(claim.subscriptionId(), 1), true, 0.5);
    }

    static Stream<Arguments> plants() {
        return Stream.of(
                plant("an identity has its event", "delete from event"),
                plant("an identity is in one generation", "insert into identity_previous table identity_current"),
                plant(
                        "two identities are not one event",
                        "insert into identity_current select '\\x02'::bytea, event_id, ''::bytea from identity_current"),
                plant("an event becomes at most one delivery per subscription, but for replays", """
                        insert into delivery (id, event_id, subscription_id, tenant_id, event_type, state, reason, settled_at)
                        select '{id}', event_id, subscription_id, tenant_id, event_type, 'cancelled', 'gone', now()
                        from delivery where state = 'delivered'"""),
                plant("a delivery has its event, of the same tenant", "update event set tenant_id = gen_random_uuid()"),
                plant("a delivery is in its event's day", """
                        update delivery set event_id = (select id from event order by id desc limit 1)
                        where state = 'delivered'"""),
                plant("a pending delivery waits in the queue", "delete from queue"),
                plant(
                        "what is in the queue is pending in history, for the same subscription",
                        "update queue set subscription_id = gen_random_uuid()"),
                plant("what is in the queue is pending in history, for the same subscription", """
                        update delivery set state = 'cancelled', reason = 'gone', settled_at = now()
                        where state = 'pending'"""),
                plant("in flight without a queue row means a node", """
                        alter table delivery drop constraint delivery_inflight_has_node;
                        update delivery set node = null"""),
                plant("a queue row waits or is claimed", """
                        alter table queue drop constraint queue_waits_or_is_claimed;
                        update queue set due_at = null, node = null"""),
                plant("final is settled, dead says so, dead and cancelled say why", """
                        alter table delivery drop constraint delivery_final_is_settled;
                        update delivery set settled_at = null"""),
                plant("final is settled, dead says so, dead and cancelled say why", """
                        alter table delivery drop constraint delivery_dead;
                        update delivery set dead = false"""),
                plant("final is settled, dead says so, dead and cancelled say why", """
                        alter table delivery drop constraint delivery_reason;
                        update delivery set reason = null"""),
                plant(
                        "no attempt has a claim number that its delivery has not reached",
                        "update attempt set claim_no = claim_no + 1"),
                plant("the queue's claim number is not below history's", "update delivery set claim_no = 9"),
                plant(
                        "the attempts counted are the attempts kept, but for late ones",
                        "update delivery set attempts = attempts + 1"),
                plant(
                        "the attempts counted are the attempts kept, but for late ones",
                        "update attempt set late = true"),
                plant("what is delivered was answered 2xx", "update attempt set status = 500"),
                plant("what is claimed has not been attempted under that number", """
                        insert into attempt (started_at, delivery_id, claim_no, number, duration_ms, late)
                        select now(), id, claim_no, 1, 1, true from queue where node is not null"""),
                plant(
                        "what is in flight without a queue row is not below its node's floor",
                        "update node set floor = 'ffffffff-ffff-7fff-bfff-ffffffffffff'"),
                plant("a replay's counts add up", "update replay set failed = failed + 1"),
                plant(
                        "what a replay matched is queued, skipped, gone or left",
                        "update replay set matched = matched + 1"),
                plant(
                        "what a replay matched is queued, skipped, gone or left",
                        "update replay set skipped = '{\"inflight\":1}'"),
                plant("what a replay has open is in the queue", "update queue set replay_id = null"),
                plant("nothing is in flight with a node that is gone", "update node set gone_at = now()"),
                plant("nothing is in flight with a node that is gone", "delete from node"),
                plant("what waits has a subscription or its tombstone", "delete from subscription"));
    }

    private static Arguments plant(String sentence, String sql) {
        return Arguments.of(sentence, sql.replace("{id}", Ids.at(Rows.NOW).toString()));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("plants")
    void a_broken_sentence_is_told(String sentence, String sql) {
        List<String> told = tx.run(connection -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute(sql);
            }
            List<String> broken = Invariants.broken(connection, Invariants.sentences());
            connection.rollback();
            return broken;
        });
        assertThat(told).anyMatch(broken -> broken.startsWith(sentence + ": "));
    }

    @Test
    void sound_tables_break_none() {
        Invariants.holdAtRest(tx);
    }

    @Test
    void each_sentence_has_rows_that_break_it() {
        assertThat(plants().map(plant -> (String) plant.get()[0]).distinct())
                .containsExactlyInAnyOrderElementsOf(Invariants.sentences().keySet());
    }

    @Test
    void what_holds_always_is_asked_at_rest_too() {
        rows.run("delete from queue");
        assertThatThrownBy(() -> Invariants.hold(tx)).hasMessageContaining("a pending delivery waits in the queue");
        assertThatThrownBy(() -> Invariants.holdAtRest(tx))
                .hasMessageContaining("a pending delivery waits in the queue");
    }
}
