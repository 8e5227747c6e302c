package dev.fanfare.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.testing.FakeSink.Answer;
import dev.fanfare.testing.TestPostgres;
import io.vertx.core.Context;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class PaceTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private static final long LATE = 2_000_000;

    private final AtomicLong time = new AtomicLong();
    private final Pace pace = new Pace(time::get);
    private final CompletableFuture<Void> busy = new CompletableFuture<>();
    private Bench bench;
    private LiveSubscription hanging;
    private Lane lane;

    @BeforeEach
    void open() {
        bench = new Bench(postgres);
        bench.sink.on("/hang", Answer.hang());
        hanging = bench.subscribe("/hang", "{\"maxinflight\":2}");
        lane = bench.lanes.of(hanging.id());
    }

    @AfterEach
    void close() {
        busy.complete(null);
        bench.close();
    }

    private void fill(int places) {
        while (lane.held() < places) {
            assertThat(bench.accept(hanging)).isTrue();
        }
    }

    private void handOver() {
        pace.handOver(Map.of(lane.context(), Map.of(lane, List.of())));
    }

    private void awaitLoop(Context loop) {
        CompletableFuture<Void> turn = new CompletableFuture<>();
        loop.runOnContext(nothing -> turn.complete(null));
        turn.join();
    }

    @Test
    void a_slow_receiver_makes_nobody_wait() {
        fill(64);
        handOver();
        awaitLoop(lane.context());
        time.addAndGet(LATE);
        assertThat(pace.crowded()).as("its loop was there at once").isFalse();
    }

    @Test
    void a_lane_that_fills_while_its_loop_is_late_makes_the_accept_wait_until_it_is_half_empty() {
        fill(33);
        lane.context().runOnContext(nothing -> busy.join());
        handOver();
        assertThat(pace.crowded()).as("not late yet").isFalse();
        time.addAndGet(LATE);
        assertThat(pace.crowded()).as("late, and not taken yet").isTrue();
        busy.complete(null);
        awaitLoop(lane.context());
        assertThat(pace.crowded()).as("taken late").isTrue();
        lane.release(1);
        assertThat(pace.crowded()).as("32 of 64 places").isFalse();
    }

    @Test
    void a_lane_that_has_overflowed_makes_nobody_wait() {
        fill(64);
        assertThat(bench.accept(hanging)).as("one more has no place").isFalse();
        lane.context().runOnContext(nothing -> busy.join());
        handOver();
        time.addAndGet(LATE);
        assertThat(pace.crowded()).isFalse();
    }
}
