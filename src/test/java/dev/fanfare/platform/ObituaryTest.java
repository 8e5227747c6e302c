package dev.fanfare.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.platform.Obituary.Sight;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ObituaryTest {
    private static final UUID A = UUID.randomUUID();
    private static final UUID B = UUID.randomUUID();

    private final Obituary obituary = new Obituary();

    private List<Sight> look(double second, Sight... sights) {
        return obituary.look(List.of(sights), (long) (second * TimeUnit.SECONDS.toNanos(1)));
    }

    @Test
    void a_counter_that_stands_still_for_six_looks_over_six_seconds_is_dead() {
        for (int second = 0; second < 6; second++) {
            assertThat(look(second, new Sight(A, 7), new Sight(B, second))).isEmpty();
        }
        assertThat(look(6, new Sight(A, 7), new Sight(B, 6))).containsExactly(new Sight(A, 7));
    }

    @Test
    void six_looks_in_less_than_six_seconds_are_not_enough() {
        for (int i = 0; i <= 8; i++) {
            assertThat(look(i * 0.7, new Sight(A, 7))).as("after %s s", i * 0.7).isEmpty();
        }
        assertThat(look(6.3, new Sight(A, 7))).hasSize(1);
    }

    @Test
    void six_seconds_without_six_looks_are_not_enough() {
        for (int i = 0; i < 6; i++) {
            assertThat(look(i * 5, new Sight(A, 7))).isEmpty();
        }
        assertThat(look(30, new Sight(A, 7))).hasSize(1);
    }

    @Test
    void one_step_of_the_counter_starts_it_all_over() {
        for (int second = 0; second < 6; second++) {
            look(second, new Sight(A, 7));
        }
        for (int second = 6; second < 12; second++) {
            assertThat(look(second, new Sight(A, 8))).isEmpty();
        }
        assertThat(look(12, new Sight(A, 8))).hasSize(1);
    }

    @Test
    void a_failed_look_forgets_what_was_seen() {
        for (int second = 0; second < 6; second++) {
            look(second, new Sight(A, 7));
        }
        obituary.reset();
        for (int second = 40; second < 46; second++) {
            assertThat(look(second, new Sight(A, 7))).isEmpty();
        }
    }

    @Test
    void a_node_that_was_out_of_sight_starts_anew() {
        for (int second = 0; second < 6; second++) {
            look(second, new Sight(A, 7));
        }
        look(6);
        assertThat(look(7, new Sight(A, 7))).isEmpty();
    }
}
