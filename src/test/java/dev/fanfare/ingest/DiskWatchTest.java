package dev.fanfare.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DiskWatchTest {
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private long free = 100;
    private long nanos = Long.MAX_VALUE;
    private int looks;

    private final DiskWatch disk = new DiskWatch(
            () -> {
                looks++;
                return free;
            },
            () -> nanos,
            100,
            meters);

    private boolean aSecondLater() {
        nanos += TimeUnit.SECONDS.toNanos(1);
        return disk.isLow();
    }

    private double events() {
        return meters.get("fanfare.operational.events")
                .tag("type", "disk.low")
                .counter()
                .count();
    }

    @Test
    void the_disk_is_low_below_the_watermark_and_not_at_it() {
        assertThat(disk.isLow()).isFalse();
        free = 99;
        assertThat(aSecondLater()).isTrue();
        free = 100;
        assertThat(aSecondLater()).isFalse();
    }

    @Test
    void the_first_question_looks_and_then_one_each_second() {
        free = 0;
        assertThat(disk.isLow()).isTrue();
        free = 100;
        nanos += TimeUnit.SECONDS.toNanos(1) - 1;
        assertThat(disk.isLow()).isTrue();
        assertThat(looks).isEqualTo(1);
        nanos++;
        assertThat(disk.isLow()).isFalse();
    }

    @Test
    void an_operator_is_told_once_each_time() {
        free = 0;
        aSecondLater();
        aSecondLater();
        assertThat(events()).isEqualTo(1);
        free = 100;
        aSecondLater();
        free = 0;
        aSecondLater();
        assertThat(events()).isEqualTo(2);
    }
}
