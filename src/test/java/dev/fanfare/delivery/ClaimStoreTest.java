package dev.fanfare.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.delivery.ClaimStore.Due;
import dev.fanfare.delivery.ClaimStore.Want;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ClaimStoreTest extends StoreFixture {
    private final UUID otherLane = rows.subscription();

    private static Want want(UUID lane, int room) {
        return new Want(lane, room, Instant.EPOCH);
    }

    private List<UUID> ids(List<Due> due) {
        return due.stream().map(one -> one.claim().id()).toList();
    }

    @Test
    void a_lane_gives_its_oldest_due_first_and_no_more_than_its_room() {
        UUID second = rows.waiting(lane, NOW.minusSeconds(5));
        UUID first = rows.waiting(lane, NOW.minusSeconds(9));
        UUID third = rows.waiting(lane, NOW);
        assertThat(ids(claims.claim(node, List.of(want(lane, 1)), NOW))).containsExactly(first);
        assertThat(ids(claims.claim(node, List.of(want(lane, 9)), NOW))).containsExactly(second, third);
        assertThat(claims.claim(node, List.of(want(lane, 2)), NOW)).isEmpty();
    }

    @Test
    void what_is_not_due_or_in_another_lane_stays() {
        rows.waiting(lane, NOW.plusMillis(1));
        rows.waiting(otherLane, NOW.minusSeconds(5));
        assertThat(claims.claim(node, List.of(want(lane, 10)), NOW)).isEmpty();
    }

    @Test
    void a_backlog_of_one_lane_does_not_starve_another() {
        for (int i = 0; i < 50; i++) {
            rows.waiting(lane, NOW.minusSeconds(1_000 + i));
        }
        UUID young = rows.waiting(otherLane, NOW);
        List<Due> due = claims.claim(node, List.of(want(lane, 3), want(otherLane, 3)), NOW);
        assertThat(due).hasSize(4);
        assertThat(ids(due)).endsWith(young);
    }

    @Test
    void a_claim_raises_the_number_and_carries_what_the_queue_knows() {
        UUID id = rows.waiting(lane, NOW);
        UUID replay = rows.replay(1);
        rows.run(
                "update queue set claim_no = 6, attempts = 5, step = 2, lost = 3, replay_id = ?, first_attempt_at = ?::timestamptz",
                replay,
                NOW.minusSeconds(70).toString());
        rows.run("update delivery set attempts = 0");
        assertThat(claims.claim(node, List.of(want(lane, 1)), NOW))
                .singleElement()
                .isEqualTo(new Due(new Claim(node, id, lane, 7, false, 5, 2, 3, replay, NOW.minusSeconds(70)), NOW));
        assertThat(rows.queued(id))
                .containsEntry("node", node)
                .containsEntry("due_at", null)
                .containsEntry("claim_no", 7);
        rows.run("update queue set attempts = 0");
    }

    @Test
    void the_floor_hides_what_was_due_before_it() {
        UUID old = rows.waiting(lane, NOW.minusSeconds(30));
        UUID young = rows.waiting(lane, NOW.minusSeconds(10));
        assertThat(ids(claims.claim(node, List.of(new Want(lane, 5, NOW.minusSeconds(10))), NOW)))
                .containsExactly(young);
        assertThat(ids(claims.claim(node, List.of(new Want(lane, 5, Instant.EPOCH)), NOW)))
                .containsExactly(old);
    }

    @Test
    void rows_that_another_transaction_holds_are_skipped() throws Exception {
        UUID locked = rows.waiting(lane, NOW.minusSeconds(9));
        UUID free = rows.waiting(lane, NOW);
        try (var connection = postgres.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            try (var statement = connection.prepareStatement("select id from queue where id = ? for update")) {
                statement.setObject(1, locked);
                statement.executeQuery();
                assertThat(ids(claims.claim(node, List.of(want(lane, 1)), NOW))).containsExactly(free);
            } finally {
                connection.rollback();
            }
        }
    }

    @Test
    void two_nodes_never_get_the_same() throws Exception {
        for (int i = 0; i < 200; i++) {
            rows.waiting(lane, NOW.minusSeconds(i));
        }
        UUID other = rows.node();
        List<UUID> all = new ArrayList<>();
        Thread thread = new Thread(() -> {
            List<Due> due;
            do {
                due = claims.claim(other, List.of(want(lane, 7)), NOW);
                synchronized (all) {
                    all.addAll(ids(due));
                }
            } while (!due.isEmpty());
        });
        thread.start();
        List<Due> due;
        do {
            due = claims.claim(node, List.of(want(lane, 5)), NOW);
            synchronized (all) {
                all.addAll(ids(due));
            }
        } while (!due.isEmpty());
        thread.join();
        assertThat(all).hasSize(200).doesNotHaveDuplicates();
    }

    @Test
    void a_node_that_is_gone_or_unknown_claims_nothing() {
        rows.waiting(lane, NOW);
        assertThat(claims.claim(UUID.randomUUID(), List.of(want(lane, 1)), NOW)).isEmpty();
        rows.gone(node);
        assertThat(claims.claim(node, List.of(want(lane, 1)), NOW)).isEmpty();
        assertThat(rows.count("queue where due_at is not null")).isEqualTo(1);
    }

    @Test
    void the_looks_find_lanes_with_due_rows_and_no_others() {
        rows.waiting(lane, NOW.minusSeconds(100));
        rows.waiting(lane, NOW.minusSeconds(90));
        rows.waiting(otherLane, NOW.minusSeconds(1));
        UUID future = rows.subscription();
        rows.waiting(future, NOW.plusSeconds(1));
        assertThat(claims.allLanesDue(NOW)).containsExactlyInAnyOrder(lane, otherLane);
        assertThat(claims.lanesDue(NOW.minusSeconds(2), NOW)).containsExactly(otherLane);
        assertThat(claims.lanesDue(NOW.minusSeconds(85), NOW))
                .as("a row may have become visible up to the slack after its time")
                .containsExactlyInAnyOrder(lane, otherLane);
        claim(node, lane, NOW);
        assertThat(claims.allLanesDue(NOW)).containsExactly(otherLane);
    }

    @Test
    void what_was_claimed_is_loaded_with_its_event() {
        Claim claim = queued();
        UUID original = UUID.randomUUID();
        assertThat(claims.load(List.of(claim))).singleElement().satisfies(loaded -> {
            assertThat(loaded.claim()).isEqualTo(claim);
            assertThat(loaded.webhookId()).isEqualTo(claim.id());
            assertThat(loaded.event().source()).isEqualTo("/rows");
            assertThat(loaded.event().dataBytes()).asString().isEqualTo("{\"a\": 1.0}");
        });
        rows.run("update delivery set webhook_id = ?", original);
        assertThat(claims.load(List.of(claim)).get(0).webhookId()).isEqualTo(original);
    }

    @Test
    void what_history_no_longer_has_is_left_out_of_a_load() {
        Claim kept = queued();
        Claim lost = new Claim(
                node, UUID.fromString("019ca900-0000-7000-8000-000000000000"), lane, 2, false, 0, 0, 0, null, null);
        assertThat(claims.load(List.of(lost, kept))).extracting(Claimed::claim).containsExactly(kept);
    }

    @Test
    void a_load_reads_no_more_events_than_there_is_memory_for_and_always_one() {
        List<Claim> three = List.of(queued(), queued(), queued());
        long bytes = Claimed.HEAP_BYTES + claims.load(three).get(0).event().heapBytes();
        assertThat(claims.load(three, 0).claimed()).hasSize(1);
        assertThat(claims.load(three, 0).over()).hasSize(2);
        assertThat(claims.load(three, bytes).claimed()).hasSize(1);
        assertThat(claims.load(three, bytes + 1).claimed()).hasSize(2);
        assertThat(claims.load(three, bytes + 1).over()).hasSize(1);
        assertThat(claims.load(three, 100L * bytes).claimed()).hasSize(3);
        assertThat(claims.load(three, 100L * bytes).over()).isEmpty();
    }

    @Test
    void an_event_counts_once_for_all_its_deliveries_and_is_the_same_object() {
        UUID other = rows.subscription();
        rows.waiting(other, NOW);
        List<Claim> two = List.of(queued(), claim(node, other, NOW).get(0));
        rows.run("update delivery set event_id = (select max(event_id::text)::uuid from delivery)");
        rows.run("delete from event where id not in (select event_id from delivery)");
        List<Claimed> loaded = claims.load(two);
        assertThat(loaded).hasSize(2);
        assertThat(loaded.get(0).event()).isSameAs(loaded.get(1).event());

        List<Claim> three = List.of(two.get(0), two.get(1), queued());
        long bytes = 2 * Claimed.HEAP_BYTES + loaded.get(0).event().heapBytes();
        assertThat(claims.load(three, bytes).over()).isNotEmpty();
        assertThat(claims.load(three, bytes + 1).over()).isEmpty();
    }
}
