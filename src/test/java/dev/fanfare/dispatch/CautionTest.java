package dev.fanfare.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CautionTest {
    private final Caution caution = new Caution();

    private void unanswered(int times) {
        for (int i = 0; i < times; i++) {
            caution.ended(false);
        }
    }

    @Test
    void a_lane_has_its_own_limit_until_ten_in_a_row_were_not_answered() {
        unanswered(9);
        assertThat(caution.limit(64)).isEqualTo(64);
        caution.ended(false);
        assertThat(caution.limit(64)).isEqualTo(1);
    }

    @Test
    void any_answer_ends_the_row() {
        unanswered(9);
        caution.ended(true);
        unanswered(9);
        assertThat(caution.limit(64)).isEqualTo(64);
    }

    @Test
    void the_limit_doubles_with_each_answer_and_never_passes_the_lanes_own() {
        unanswered(10);
        for (int limit : new int[] {2, 4, 8, 16, 32, 64, 64}) {
            caution.ended(true);
            assertThat(caution.limit(64)).isEqualTo(limit);
        }
        for (int i = 0; i < 40; i++) {
            caution.ended(true);
        }
        assertThat(caution.limit(Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void a_failure_after_some_answers_begins_a_new_row() {
        unanswered(10);
        caution.ended(true);
        unanswered(9);
        assertThat(caution.limit(64)).isEqualTo(2);
        caution.ended(false);
        assertThat(caution.limit(64)).isEqualTo(1);
    }
}
