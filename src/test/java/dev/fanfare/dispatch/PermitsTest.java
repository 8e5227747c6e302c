package dev.fanfare.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PermitsTest {

    /** Takes as many as one lane gets that never gives any back. */
    private static int hang(Permits permits, int laneLimit) {
        int inFlight = 0;
        while (permits.take(inFlight, laneLimit)) {
            inFlight++;
        }
        return inFlight;
    }

    @ParameterizedTest
    @CsvSource({"8192, 256, 256", "8192, 4096, 1638", "100, 256, 20", "8, 256, 1", "4, 256, 1", "1, 256, 1", "100, 3, 3"
    })
    void a_lane_gets_its_limit_or_its_share_of_what_is_free(int node, int limit, int gets) {
        assertThat(hang(new Permits(node), limit)).isEqualTo(gets);
    }

    @Test
    void lanes_that_hang_leave_a_permit_for_the_next() {
        Permits permits = new Permits(100);
        List<Integer> taken = new ArrayList<>();
        for (int lane = 0; lane < 15; lane++) {
            taken.add(hang(permits, 256));
        }
        assertThat(taken).allSatisfy(count -> assertThat(count).isPositive());
        assertThat(permits.taken()).isLessThan(100);
        assertThat(permits.take(0, 256)).as("a lane with nothing in flight").isTrue();
    }

    @Test
    void the_last_permit_goes_only_to_a_lane_with_nothing_in_flight() {
        Permits permits = new Permits(1);
        assertThat(permits.take(1, 256)).isFalse();
        assertThat(permits.take(0, 256)).isTrue();
        assertThat(permits.take(0, 256)).as("none is left").isFalse();
        permits.giveBack(1);
        assertThat(permits.take(0, 256)).isTrue();
    }

    @Test
    void those_that_wait_are_woken_once() {
        Permits permits = new Permits(1);
        List<String> woken = new ArrayList<>();
        Runnable lane = () -> woken.add("lane");
        permits.await(lane);
        permits.await(lane);
        permits.giveBack(0);
        permits.giveBack(0);
        assertThat(woken).containsExactly("lane");
    }

    @Test
    void one_that_asks_again_while_it_is_woken_waits_for_the_next_time() {
        Permits permits = new Permits(1);
        int[] woken = {0};
        permits.await(new Runnable() {
            @Override
            public void run() {
                if (++woken[0] > 1_000) {
                    throw new AssertionError("woken without end");
                }
                permits.await(this);
            }
        });
        permits.giveBack(1);
        assertThat(woken[0]).isEqualTo(1);
        permits.giveBack(1);
        assertThat(woken[0]).isEqualTo(2);
    }
}
