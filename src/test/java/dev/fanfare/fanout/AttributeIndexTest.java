package dev.fanfare.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.filter.Filter.Comparison;
import dev.fanfare.filter.Filter.Exact;
import dev.fanfare.filter.Filter.Prefix;
import dev.fanfare.subscription.LiveSubscription;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttributeIndexTest {
    @Test
    void nothing_is_kept_for_a_value_that_nobody_requires_any_more() {
        AttributeIndex index = new AttributeIndex();
        for (Comparison comparison : List.of(new Exact("type", "t"), new Prefix("type", "t"))) {
            LiveSubscription subscription = Wishes.subscription(1, comparison);
            index.add(comparison, subscription);
            assertThat(index.isEmpty()).isFalse();
            index.publish(comparison);
            index.remove(comparison, subscription);
            index.publish(comparison);
            assertThat(index.isEmpty()).isTrue();
        }
    }
}
