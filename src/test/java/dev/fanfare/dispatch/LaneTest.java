package dev.fanfare.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.ClaimStore;
import dev.fanfare.delivery.Claimed;
import dev.fanfare.delivery.GateStore.Gate;
import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.testing.FakeSink.Answer;
import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class LaneTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private static final String TWO_AT_ONCE = "{\"maxinflight\":2}";

    private Bench bench;

    @BeforeEach
    void open() {
        bench = new Bench(postgres);
        bench.sink.on("/hang", Answer.hang()).on("/ok", Answer.status(200));
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private Lane lane(LiveSubscription subscription) {
        return bench.lanes.of(subscription.id());
    }

    @Test
    void a_lane_has_no_more_in_flight_than_its_limit_and_holds_32_times_that() {
        LiveSubscription hanging = bench.subscribe("/hang", TWO_AT_ONCE);
        for (int i = 0; i < 64; i++) {
            assertThat(bench.accept(hanging)).isTrue();
        }
        assertThat(bench.accept(hanging)).as("one more has no place").isFalse();
        bench.sink.awaitRequests(2);
        bench.settleLoop(hanging.id());
        assertThat(bench.settler.permits().taken()).isEqualTo(2);
        assertThat(lane(hanging).held()).isEqualTo(64);
        assertThat(lane(hanging).backlogged()).isTrue();
        assertThat(bench.claimer.pass()).as("no room, nothing claimed").isZero();
    }

    @Test
    void a_direct_lane_delivers_without_a_queue_row() {
        LiveSubscription healthy = bench.subscribe("/ok", TWO_AT_ONCE);
        assertThat(bench.accept(healthy)).isTrue();
        assertThat(bench.rows.count("queue")).isZero();
        bench.settle(1);
        assertThat(bench.rows.all("select state from delivery").get(0)).containsEntry("state", "delivered");
        assertThat(lane(healthy).held()).isZero();
        assertThat(bench.settler.permits().taken()).isZero();
        assertThat(bench.holdings.count()).isZero();
        assertThat(bench.holdings.bytes()).isZero();
    }

    @Test
    void a_backlogged_lane_takes_the_old_before_the_new_until_a_claim_is_not_full() {
        LiveSubscription healthy = bench.subscribe("/ok", TWO_AT_ONCE);
        for (int i = 0; i < 65; i++) {
            bench.rows.waiting(healthy.id(), Rows.NOW.minusSeconds(9));
        }
        assertThat(bench.step(Rows.NOW)).as("its room").isEqualTo(64);
        assertThat(lane(healthy).backlogged()).isTrue();
        assertThat(bench.accept(healthy))
                .as("a new one goes behind the old one")
                .isFalse();
        assertThat(bench.step(Rows.NOW)).isEqualTo(2);
        assertThat(lane(healthy).backlogged()).isFalse();
        assertThat(bench.accept(healthy)).isTrue();
        bench.settle(1);
    }

    @Test
    void a_claim_is_shared_equally_among_the_lanes_with_work() {
        LiveSubscription busy = bench.subscribe("/ok", "{}");
        LiveSubscription other = bench.subscribe("/ok", "{}");
        for (int i = 0; i < 1_100; i++) {
            bench.rows.waiting(busy.id(), Rows.NOW.minusSeconds(9));
        }
        bench.rows.waiting(other.id(), Rows.NOW);
        assertThat(bench.step(Rows.NOW)).as("half a batch, and the one").isEqualTo(501);
        assertThat(bench.rows.count("queue where subscription_id = '" + other.id() + "'"))
                .isZero();
    }

    @Test
    void lanes_without_room_leave_their_share_of_a_claim_to_the_others() {
        LiveSubscription hanging = bench.subscribe("/hang", "{\"maxinflight\":1}");
        for (int i = 0; i < 33; i++) {
            bench.accept(hanging);
        }
        LiveSubscription healthy = bench.subscribe("/ok", "{}");
        for (int i = 0; i < 1_100; i++) {
            bench.rows.waiting(healthy.id(), Rows.NOW.minusSeconds(9));
        }
        assertThat(bench.claimer.pass()).as("a whole batch").isEqualTo(1_000);
    }

    @Test
    void hanging_lanes_leave_a_permit_for_others() {
        List<LiveSubscription> hanging =
                List.of(bench.subscribe("/hang", "{}"), bench.subscribe("/hang", "{}"), bench.subscribe("/hang", "{}"));
        for (LiveSubscription subscription : hanging) {
            for (int i = 0; i < 64; i++) {
                bench.accept(subscription);
            }
            bench.settleLoop(subscription.id());
        }
        int taken = bench.settler.permits().taken();
        assertThat(taken).isBetween(3, 63);
        LiveSubscription healthy = bench.subscribe("/ok", "{}");
        bench.accept(healthy);
        bench.settle(1);
        assertThat(bench.settler.permits().taken()).isEqualTo(taken);
    }

    @Test
    void a_receiver_that_does_not_answer_gets_one_at_a_time_until_it_does() {
        bench.sink.on("/gone", Answer.reset());
        LiveSubscription gone = bench.subscribe("/gone", "{\"maxinflight\":4}");
        for (int i = 0; i < Caution.ROW; i++) {
            bench.accept(gone);
        }
        bench.settle(Caution.ROW);
        bench.sink.on("/gone", Answer.hang());
        int before = bench.sink.requests().size();
        for (int i = 0; i < 4; i++) {
            bench.accept(gone);
        }
        bench.sink.awaitRequests(before + 1);
        bench.settleLoop(gone.id());
        assertThat(bench.settler.permits().taken()).isEqualTo(1);
        assertThat(lane(gone).held()).isEqualTo(4);
    }

    @Test
    void a_paused_lane_gives_back_what_waits_and_sends_it_after_the_resume() {
        LiveSubscription subscription = bench.subscribe("/hang", "{\"maxinflight\":1}");
        bench.accept(subscription);
        bench.accept(subscription);
        bench.sink.awaitRequests(1);
        bench.setState(subscription.id(), "paused");
        bench.settleLoop(subscription.id());
        bench.settle(1);
        assertThat(lane(subscription).held()).isEqualTo(1);
        assertThat(bench.rows.count("queue where due_at is not null and lost = 0"))
                .isEqualTo(1);
        assertThat(bench.accept(bench.live(subscription.id())))
                .as("held from the accept on")
                .isFalse();
        assertThat(bench.claimer.pass()).as("held in the queue").isZero();

        bench.setState(subscription.id(), "active");
        assertThat(bench.claimer.pass()).as("the lane takes both again").isEqualTo(2);
    }

    @Test
    void an_expelled_node_drops_what_waits_and_starts_none_of_it() {
        LiveSubscription subscription = bench.subscribe("/hang", "{\"maxinflight\":1}");
        bench.accept(subscription);
        bench.accept(subscription);
        bench.sink.awaitRequests(1);
        lane(subscription).drop(bench.nodes.id());
        bench.settleLoop(subscription.id());
        assertThat(bench.holdings.count()).as("the one in flight").isEqualTo(1);
        assertThat(lane(subscription).held()).isEqualTo(1);
    }

    @Test
    void a_claim_of_a_former_registration_is_never_attempted() {
        LiveSubscription subscription = bench.subscribe("/ok", "{}");
        UUID former = bench.rows.node();
        Claim claim = bench.rows.fresh(former, subscription.id());
        List<Claimed> accepted = new ClaimStore(bench.tx).load(List.of(claim));
        assertThat(bench.dispatcher.reserve(subscription, accepted.get(0).event()))
                .isTrue();

        bench.dispatcher.accepted(accepted, List.of());
        bench.accept(subscription);
        bench.settle(1);

        assertThat(bench.sink.requests()).hasSize(1);
        assertThat(bench.holdings.count()).isZero();
        assertThat(lane(subscription).held()).isZero();
        assertThat(bench.rows.delivery(claim.id()))
                .containsEntry("state", "inflight")
                .containsEntry("node", former);
    }

    @Test
    void a_lane_whose_sink_said_gone_flows_again_when_its_subscription_is_resumed() {
        LiveSubscription subscription = bench.subscribe("/ok", "{}");
        lane(subscription).gone(subscription.routingVersion());
        assertThat(bench.accept(subscription)).isFalse();
        assertThat(bench.claimer.pass()).isZero();
        bench.setState(subscription.id(), "disabled");
        bench.setState(subscription.id(), "active");
        assertThat(bench.claimer.pass()).isEqualTo(1);
        bench.settle(1);
        assertThat(bench.accept(bench.live(subscription.id()))).isTrue();
        bench.settle(1);
    }

    @Test
    void the_floor_moves_with_the_last_claim_and_a_full_look_goes_below_it() {
        LiveSubscription subscription = bench.subscribe("/ok", "{}");
        bench.rows.waiting(subscription.id(), Rows.NOW);
        bench.step(Rows.NOW);
        assertThat(lane(subscription).floor()).isEqualTo(Rows.NOW.minus(ClaimStore.SLACK));
        UUID hidden = bench.rows.waiting(subscription.id(), Rows.NOW.minusSeconds(20));
        bench.rows.waiting(subscription.id(), Rows.NOW.plusSeconds(1));
        assertThat(bench.step(Rows.NOW.plusSeconds(1))).isEqualTo(1);
        assertThat(bench.rows.queued(hidden)).isNotEmpty();
        assertThat(bench.step(Rows.NOW.plusSeconds(1).plus(ReadyLanes.FULL_LOOK)))
                .isEqualTo(1);
        assertThat(bench.rows.queued(hidden)).isEmpty();
    }

    @Test
    void one_lane_does_not_fill_the_nodes_memory() {
        LiveSubscription hanging = bench.subscribe("/hang", "{}");
        int accepted = 0;
        while (accepted < 100 && bench.accept(hanging, Bench.event("\"" + "x".repeat(30_000) + "\"", null))) {
            accepted++;
        }
        assertThat(accepted).isBetween(1, 10);
        assertThat(bench.holdings.bytes()).isLessThan(1 << 20);
        LiveSubscription healthy = bench.subscribe("/ok", "{}");
        assertThat(bench.accept(healthy)).as("a place for another lane").isTrue();
        bench.settle(1);
    }

    @Test
    void a_flood_of_events_that_are_all_attributes_stays_inside_the_memory() {
        String extensions = "{\"color\":\"" + "x".repeat(4_096) + "\"}";
        List<WireEvent> taken = new ArrayList<>();
        for (int lane = 0; lane < 10; lane++) {
            LiveSubscription hanging = bench.subscribe("/hang", "{}");
            for (int i = 0; i < 200; i++) {
                WireEvent event = Bench.event("1", extensions);
                if (bench.accept(hanging, event)) {
                    taken.add(event);
                }
            }
        }
        assertThat(heap(taken)).isBetween(200_000L, 1L << 20);
    }

    @Test
    void a_claim_of_events_that_are_all_attributes_stays_inside_the_memory() {
        bench.subscribe("/hang", "{}");
        LiveSubscription hanging = bench.subscribe("/hang", "{}");
        for (int i = 0; i < 500; i++) {
            bench.rows.waiting(hanging.id(), Rows.NOW);
        }
        bench.rows.run("update event set extensions = '{\"color\":\"' || repeat('x', 4096) || '\"}'");

        bench.claimer.pass();

        assertThat(bench.holdings.count()).isBetween(50, 120);
        assertThat(bench.holdings.bytes()).isLessThan((1 << 20) + 20_000);
    }

    /** What the objects take at least: attributes and data as they are, and in their structured form. */
    private static long heap(List<WireEvent> events) {
        return events.stream()
                .mapToLong(event -> event.extensions().get("color").toString().length()
                        + event.dataBytes().length
                        + event.structured().length)
                .sum();
    }

    @Test
    void the_deliveries_of_one_event_share_its_memory() {
        WireEvent event = Bench.event("\"" + "x".repeat(50_000) + "\"", null);
        for (int lane = 0; lane < 20; lane++) {
            assertThat(bench.accept(bench.subscribe("/ok", "{}"), event)).isTrue();
        }
        bench.settle(20);
        assertThat(bench.holdings.bytes()).isZero();
    }

    @Test
    void a_gate_that_opens_while_a_claim_finds_it_closed_lets_that_claim_through() {
        LiveSubscription subscription = bench.subscribe("/ok", "{}");
        bench.gates.close(new Gate(subscription.id(), subscription.sinkRevision(), Rows.NOW.plusSeconds(10)));
        bench.rows.waiting(subscription.id(), Rows.NOW.minusSeconds(60));
        assertThat(bench.claimer.pass()).as("closed").isZero();
        bench.dispatcher.queued(List.of(subscription.id()));
        // the pass asks for the time, then its look at the gate does; another thread's refresh comes right after that
        bench.clock.afterNext(() -> bench.clock.afterNext(() -> {
            bench.clock.forward(Duration.ofSeconds(10));
            bench.claimer.openGates();
        }));
        assertThat(bench.claimer.pass()).isEqualTo(1);
        bench.settle(1);
    }

    @Test
    void responses_that_wait_to_be_written_stay_inside_their_memory() {
        bench.close();
        bench = new Bench(postgres, 64, 1 << 20, 100_000);
        bench.sink.on("/wordy", Answer.status(200, new byte[16_384]));
        LiveSubscription subscription = bench.subscribe("/wordy", "{}");
        for (int i = 0; i < 10; i++) {
            bench.accept(subscription);
        }
        bench.awaitOutcomes(10);
        bench.settle(10);
        assertThat(bench.rows.count("delivery where state = 'delivered'")).isEqualTo(10);
        assertThat(bench.rows.count("attempt where octet_length(response_body) = 16384"))
                .isEqualTo(6);
        bench.accept(subscription);
        bench.settle(1);
        assertThat(bench.rows.count("attempt where octet_length(response_body) = 16384"))
                .as("there is room again")
                .isEqualTo(7);
    }

    @Test
    void a_closing_node_gives_back_what_waits() {
        LiveSubscription subscription = bench.subscribe("/hang", "{\"maxinflight\":1}");
        bench.accept(subscription);
        bench.accept(subscription);
        bench.sink.awaitRequests(1);
        bench.sender.close();
        lane(subscription).wake();
        bench.settleLoop(subscription.id());
        bench.settle(1);
        assertThat(bench.rows.count("queue where due_at is not null")).isEqualTo(1);
    }
}
