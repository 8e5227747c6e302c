package dev.fanfare.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class HeapShareTest {
    private static final long MIB = 1 << 20;

    @Test
    void in_a_large_heap_the_limit_is_what_was_configured() {
        assertThat(limit(1024 * MIB, "64M")).isEqualTo(64 * MIB);
        assertThat(limit(6 * 1024 * MIB, "64M")).isEqualTo(64 * MIB);
    }

    @Test
    void in_a_small_heap_it_is_a_sixteenth_whatever_was_configured() {
        assertThat(limit(256 * MIB, "64M")).isEqualTo(16 * MIB);
        assertThat(limit(256 * MIB, "8G")).isEqualTo(16 * MIB);
        assertThat(limit(256 * MIB, "8M")).isEqualTo(8 * MIB);
    }

    @Test
    void what_counts_the_heap_itself_may_have_an_eighth() {
        assertThat(new HeapShare.Eighth(256 * MIB).convert("64M").asLongValue()).isEqualTo(32 * MIB);
        assertThat(new HeapShare.Eighth(256 * MIB).convert("8M").asLongValue()).isEqualTo(8 * MIB);
    }

    @Test
    void what_is_no_size_is_refused() {
        assertThatThrownBy(() -> limit(256 * MIB, "much")).isInstanceOf(IllegalArgumentException.class);
    }

    private static long limit(long heap, String configured) {
        return new HeapShare(heap).convert(configured).asLongValue();
    }
}
