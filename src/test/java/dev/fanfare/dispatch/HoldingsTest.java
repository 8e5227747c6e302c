package dev.fanfare.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.platform.Ids;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class HoldingsTest {
    private static final int ENOUGH = 7;

    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private final Holdings holdings = new Holdings(() -> now);

    @Test
    void an_accept_with_an_unknown_end_keeps_the_floor_until_it_was_looked_for_often_enough() {
        Instant accept = now;
        holdings.opened(accept);
        holdings.closed(accept, false);

        // the database is away for an hour: nobody can look
        now = now.plus(Duration.ofHours(1));
        assertThat(holdings.floor()).isEqualTo(Ids.lowest(accept));

        for (int looks = 1; looks <= ENOUGH; looks++) {
            holdings.compared(now, ENOUGH);
            assertThat(holdings.floor()).as("after %d looks", looks).isEqualTo(Ids.lowest(accept));
        }
        holdings.compared(now, ENOUGH);
        assertThat(holdings.floor()).isGreaterThan(Ids.lowest(accept));
    }

    @Test
    void looks_before_the_accept_must_be_visible_do_not_count() {
        Instant accept = now;
        holdings.opened(accept);
        holdings.closed(accept, false);

        now = now.plusSeconds(60);
        for (int looks = 0; looks < 100; looks++) {
            holdings.compared(accept, ENOUGH);
        }
        assertThat(holdings.floor()).isEqualTo(Ids.lowest(accept));
    }

    @Test
    void an_accept_with_a_known_end_lets_the_floor_go() {
        Instant accept = now;
        holdings.opened(accept);
        now = now.plusSeconds(60);
        assertThat(holdings.floor()).isEqualTo(Ids.lowest(accept));
        holdings.closed(accept, true);
        assertThat(holdings.floor()).isGreaterThan(Ids.lowest(accept));
    }
}
