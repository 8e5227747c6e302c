package dev.fanfare.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.platform.ProblemException;
import dev.fanfare.platform.ProblemType;
import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RateLimitsTest {
    private static final UUID TENANT = new UUID(0, 1);
    private static final UUID OTHER = new UUID(0, 2);

    private Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private final RateLimits tenPerSecond = limits(Map.of("fanfare.ingest.max-rate", "10"));

    @Test
    void without_a_rate_nothing_is_refused() {
        assertThatCode(() -> limits(Map.of()).check(TENANT, 1_000_000)).doesNotThrowAnyException();
    }

    @Test
    void one_seconds_worth_may_come_at_once_and_one_more_waits_a_second() {
        for (int n = 0; n < 10; n++) {
            tenPerSecond.check(TENANT, 1);
        }
        refused(TENANT, "1");

        now = now.plusMillis(100);
        assertThatCode(() -> tenPerSecond.check(TENANT, 1)).doesNotThrowAnyException();
        refused(TENANT, "1");
    }

    @Test
    void a_batch_may_overdraw_and_who_comes_next_waits_for_it() {
        tenPerSecond.check(TENANT, 100);
        refused(TENANT, "9");

        now = now.plusMillis(8_999);
        refused(TENANT, "1");
        now = now.plusMillis(2);
        assertThatCode(() -> tenPerSecond.check(TENANT, 1)).doesNotThrowAnyException();
    }

    @Test
    void refused_events_and_empty_batches_cost_nothing() {
        tenPerSecond.check(TENANT, 10);
        for (int n = 0; n < 1_000; n++) {
            refused(TENANT, "1");
            tenPerSecond.check(TENANT, 0);
        }
        now = now.plusMillis(100);
        assertThatCode(() -> tenPerSecond.check(TENANT, 1)).doesNotThrowAnyException();
    }

    @Test
    void tenants_do_not_pay_for_each_other() {
        tenPerSecond.check(TENANT, 1_000);
        assertThatCode(() -> tenPerSecond.check(OTHER, 10)).doesNotThrowAnyException();
    }

    @Test
    void quiet_time_is_not_saved_up_beyond_one_second() {
        tenPerSecond.check(TENANT, 1);
        now = now.plus(Duration.ofHours(1));
        for (int n = 0; n < 10; n++) {
            tenPerSecond.check(TENANT, 1);
        }
        refused(TENANT, "1");
    }

    private void refused(UUID tenant, String retryAfter) {
        assertThatThrownBy(() -> tenPerSecond.check(tenant, 1))
                .isInstanceOfSatisfying(ProblemException.class, refused -> {
                    assertThat(refused.problem().type()).isEqualTo(ProblemType.RATE_LIMITED);
                    assertThat(refused.problem().headers()).containsEntry("Retry-After", retryAfter);
                });
    }

    private RateLimits limits(Map<String, String> settings) {
        IngestConfig config = new SmallRyeConfigBuilder()
                .withConverter(Duration.class, 200, new DurationConverter())
                .withConverter(MemorySize.class, 200, new MemorySizeConverter())
                .withSources(new PropertiesConfigSource(settings, "test", 100))
                .withMapping(IngestConfig.class)
                .build()
                .getConfigMapping(IngestConfig.class);
        return new RateLimits(config, () -> now);
    }
}
