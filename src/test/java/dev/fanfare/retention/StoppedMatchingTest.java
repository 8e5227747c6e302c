package dev.fanfare.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.dispatch.DeliveryMetrics;
import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class StoppedMatchingTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private static final Instant STOPS = Rows.NOW.plus(Duration.ofDays(7));

    private final Rows rows = new Rows(postgres.tx());
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final StoppedMatching one = replica();
    private final StoppedMatching other = replica();

    private StoppedMatching replica() {
        return new StoppedMatching(postgres.tx(), new DeliveryMetrics(meters, () -> STOPS));
    }

    @BeforeEach
    void nobody_has_looked_yet() {
        rows.run("delete from maintenance where task = 'tell-stopped'");
    }

    private UUID disabled() {
        return rows.subscription("disabled", "https://receiver.example/");
    }

    private double told() {
        Counter counter = meters.find("fanfare.operational.events")
                .tag("type", "subscription.stopped")
                .counter();
        return counter == null ? 0 : counter.count();
    }

    @Test
    void one_that_has_been_disabled_for_seven_days_is_told_of_once_by_whichever_replica() {
        disabled();
        one.tell(STOPS.minusMillis(1));
        assertThat(told()).isZero();
        other.tell(STOPS);
        assertThat(told()).isEqualTo(1);
        one.tell(STOPS);
        other.tell(STOPS.plusSeconds(60));
        replica().tell(STOPS.plus(Duration.ofDays(7)));
        assertThat(told()).isEqualTo(1);
    }

    @Test
    void one_that_stopped_while_nobody_looked_is_told_of_at_the_next_look() {
        one.tell(Rows.NOW);
        disabled();
        disabled();
        one.tell(STOPS.plus(Duration.ofDays(30)));
        assertThat(told()).isEqualTo(2);
    }

    @Test
    void a_clock_that_goes_back_tells_nothing_twice() {
        disabled();
        one.tell(STOPS);
        other.tell(STOPS.minusSeconds(60));
        one.tell(STOPS);
        assertThat(told()).isEqualTo(1);
    }

    @Test
    void one_that_was_resumed_and_disabled_again_has_seven_more_days() {
        UUID again = disabled();
        one.tell(STOPS);
        rows.run("update subscription set state_since = ?::timestamptz where id = ?", STOPS.toString(), again);
        one.tell(STOPS.plus(Duration.ofDays(7)).minusMillis(1));
        assertThat(told()).isEqualTo(1);
        one.tell(STOPS.plus(Duration.ofDays(7)));
        assertThat(told()).isEqualTo(2);
    }

    @Test
    void those_that_are_active_paused_or_deleted_are_not_told_of() {
        rows.subscription();
        rows.subscription("paused", "https://receiver.example/");
        rows.subscription("deleted", "https://receiver.example/");
        one.tell(STOPS.plusSeconds(1));
        assertThat(told()).isZero();
    }
}
