package dev.fanfare.fanout;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.filter.Filter.All;
import dev.fanfare.filter.Filter.AnyTypeOf;
import dev.fanfare.filter.Filter.Exact;
import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.subscription.RoutingChange;
import dev.fanfare.testing.Rows;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MatchCostTest {
    private static final int ROUNDS = 20_000;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Ten want the event, the others something else. */
    private static RoutingIndex index(int subscriptions) {
        List<LiveSubscription> all = new ArrayList<>();
        for (int i = 0; i < subscriptions; i++) {
            all.add(Wishes.subscription(i, new Exact("type", i < 10 ? "hot" : "type" + i)));
        }
        RoutingIndex index = new RoutingIndex();
        index.apply(new RoutingChange(all.get(0).tenantId(), 1, List.of(), all));
        return index;
    }

    private long bytesPerMatch(RoutingIndex index, WireEvent event, int found) {
        int all = 0;
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < ROUNDS; i++) {
            all += index.match(event, Rows.NOW).subscriptions().size();
        }
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(all).isEqualTo(ROUNDS * found);
        return bytes / ROUNDS;
    }

    @Test
    void a_match_allocates_little_however_many_subscriptions_there_are() {
        for (int subscriptions : new int[] {10, 10_000}) {
            RoutingIndex index = index(subscriptions);
            assertThat(bytesPerMatch(index, Wishes.event("hot"), 10))
                    .as("ten of %d match", subscriptions)
                    .isLessThanOrEqualTo(400);
            assertThat(bytesPerMatch(index, Wishes.event("cold"), 0))
                    .as("none of %d matches", subscriptions)
                    .isLessThanOrEqualTo(200);
        }
    }

    @Test
    void a_change_of_one_subscription_of_ten_thousand_allocates_no_more_than_of_ten() {
        for (int subscriptions : new int[] {10, 10_000}) {
            RoutingIndex index = index(subscriptions);
            LiveSubscription one = Wishes.subscription(5, new Exact("type", "hot"));
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < ROUNDS; i++) {
                index.apply(new RoutingChange(one.tenantId(), i, List.of(one), List.of(one)));
            }
            assertThat((threads.getCurrentThreadAllocatedBytes() - before) / ROUNDS)
                    .as("one of %d", subscriptions)
                    .isLessThanOrEqualTo(1_500);
        }
    }

    @Test
    void a_subscription_has_as_many_entries_as_its_shortest_way_to_be_found_needs() {
        RoutingIndex index = new RoutingIndex();
        AnyTypeOf types =
                new AnyTypeOf(IntStream.range(0, 256).mapToObj(i -> "t" + i).collect(toSet()));
        LiveSubscription wide = Wishes.subscription(1, types);
        LiveSubscription narrow = Wishes.subscription(2, new All(List.of(types, new Exact("source", "/s"))));
        index.apply(new RoutingChange(wide.tenantId(), 1, List.of(), List.of(wide)));
        assertThat(index.entries()).isEqualTo(256);
        index.apply(new RoutingChange(wide.tenantId(), 2, List.of(), List.of(narrow)));
        assertThat(index.entries()).isEqualTo(257);
    }
}
