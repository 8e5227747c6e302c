package dev.fanfare.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.filter.Filter;
import dev.fanfare.filter.Filter.All;
import dev.fanfare.filter.Filter.Any;
import dev.fanfare.filter.Filter.AnyTypeOf;
import dev.fanfare.filter.Filter.Exact;
import dev.fanfare.filter.Filter.Not;
import dev.fanfare.filter.Filter.Prefix;
import dev.fanfare.filter.Filter.Suffix;
import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.subscription.RoutingChange;
import dev.fanfare.testing.Rows;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RoutingIndexTest {
    private static final int MANY = 10_000;

    private final RoutingIndex index = new RoutingIndex();

    private void add(LiveSubscription... subscriptions) {
        index.apply(change(index.version() + 1, List.of(), List.of(subscriptions)));
    }

    private static RoutingChange change(long version, List<LiveSubscription> removed, List<LiveSubscription> added) {
        return new RoutingChange(Rows.live(new UUID(0, 0), 1).tenantId(), version, removed, added);
    }

    private List<LiveSubscription> matched(WireEvent event) {
        return index.match(event, Rows.NOW).subscriptions();
    }

    private static List<LiveSubscription> walk(WireEvent event, Collection<LiveSubscription> all) {
        return all.stream()
                .filter(subscription -> subscription.filter().matches(event))
                .toList();
    }

    /** How many subscriptions an event is compared with. */
    private int compared(WireEvent event) {
        AtomicInteger count = new AtomicInteger();
        index.candidates(event, subscription -> count.incrementAndGet());
        return count.get();
    }

    @Test
    void an_event_finds_what_a_walk_over_all_subscriptions_finds_in_the_order_of_their_ids() {
        for (int seed = 0; seed < 200; seed++) {
            Wishes wishes = new Wishes(seed);
            RoutingIndex routed = new RoutingIndex();
            List<LiveSubscription> all = new ArrayList<>();
            for (int i = 0; i < 1 + wishes.below(60); i++) {
                all.add(Wishes.subscription(i, wishes.filter(3)));
            }
            routed.apply(change(1, List.of(), all));
            for (int i = 0; i < 500; i++) {
                WireEvent event = wishes.event();
                assertThat(routed.match(event, Rows.NOW))
                        .as("seed %d, event %d", seed, i)
                        .isEqualTo(new Match(1, walk(event, all)));
            }
        }
    }

    @Test
    void it_does_so_through_a_thousand_changes_and_keeps_nothing_of_what_is_gone() {
        Wishes wishes = new Wishes(7);
        Map<Integer, LiveSubscription> all = new TreeMap<>();
        for (int version = 0; version < 1_000; version++) {
            int number = wishes.below(50);
            LiveSubscription added = wishes.chance(3) ? null : Wishes.subscription(number, wishes.filter(3));
            LiveSubscription removed = added == null ? all.remove(number) : all.put(number, added);
            index.apply(change(
                    version,
                    removed == null ? List.of() : List.of(removed),
                    added == null ? List.of() : List.of(added)));
            for (int i = 0; i < 20; i++) {
                WireEvent event = wishes.event();
                assertThat(index.match(event, Rows.NOW)).isEqualTo(new Match(version, walk(event, all.values())));
            }
        }
        index.apply(change(1_000, List.copyOf(all.values()), List.of()));
        assertThat(index.entries()).isZero();
        assertThat(compared(wishes.event())).isZero();
    }

    /** What the accept relies on: it refuses a match whose version is older than the one that is committed. */
    @Test
    void a_match_made_during_a_change_is_right_or_carries_an_older_version() {
        Wishes wishes = new Wishes(3);
        List<List<LiveSubscription>> versions = new ArrayList<>(List.of(List.of()));
        List<RoutingChange> changes = new ArrayList<>();
        Map<Integer, LiveSubscription> all = new TreeMap<>();
        for (int version = 1; version <= 20_000; version++) {
            int number = wishes.below(20);
            LiveSubscription added = Wishes.subscription(number, wishes.filter(2));
            LiveSubscription removed = all.put(number, added);
            changes.add(change(version, removed == null ? List.of() : List.of(removed), List.of(added)));
            versions.add(List.copyOf(all.values()));
        }
        AtomicInteger committed = new AtomicInteger();
        index.apply(change(0, List.of(), List.of()));
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> changes.forEach(change -> {
            committed.set((int) change.version());
            index.apply(change);
        }));
        while (!writer.isDone()) {
            WireEvent event = wishes.event();
            Match match = index.match(event, Rows.NOW);
            if (match.routingVersion() == committed.get()) {
                assertThat(match.subscriptions()).isEqualTo(walk(event, versions.get((int) match.routingVersion())));
            }
        }
        writer.join();
    }

    @Test
    void of_ten_thousand_subscriptions_an_event_is_compared_with_the_ten_that_want_it() {
        Map<String, WayToAsk> ways = Map.of(
                "types", (mine, i) -> new AnyTypeOf(mine ? Set.of("hot", "cold") : Set.of("t" + i, "u" + i)),
                "exact", (mine, i) -> new Exact("type", mine ? "hot" : "t" + i),
                "prefix", (mine, i) -> new Prefix("type", mine ? "ho" : "t" + i),
                "source", (mine, i) -> new Exact("source", mine ? "/s" : "/s/" + i),
                "id behind a type that all want",
                        (mine, i) ->
                                new All(List.of(new AnyTypeOf(Set.of("hot")), new Exact("id", mine ? "1" : "x" + i))),
                "any",
                        (mine, i) -> new Any(List.of(
                                new Exact("type", mine ? "hot" : "t" + i),
                                new All(List.of(new Suffix("id", "1"), new Prefix("subject", "s" + i))))),
                "and not",
                        (mine, i) -> new All(List.of(
                                new Not(new Exact("subject", "x")), new Exact("type", mine ? "hot" : "t" + i))));
        ways.forEach((name, way) -> {
            RoutingIndex many = new RoutingIndex();
            List<LiveSubscription> all = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                all.add(Wishes.subscription(i, way.filter(i % (MANY / 10) == 0, i)));
            }
            many.apply(change(1, List.of(), all));
            AtomicInteger compared = new AtomicInteger();
            many.candidates(Wishes.event("hot"), subscription -> compared.incrementAndGet());
            assertThat(many.match(Wishes.event("hot"), Rows.NOW).subscriptions())
                    .as(name)
                    .hasSize(10);
            // the first subscriptions cannot know which of their requirements will be the rare one
            assertThat(compared.get()).as(name).isBetween(10, 11);
        });
    }

    @Test
    void a_change_of_many_costs_what_each_of_them_costs_however_little_tells_them_apart() {
        String start = "x".repeat(AttributeIndex.LONGEST_PREFIX);
        Map<String, WayToAsk> ways = Map.of(
                "require nothing", (mine, i) -> new Suffix("type", "t" + i),
                "require the same", (mine, i) -> new Exact("type", "t"),
                "begin alike", (mine, i) -> new Prefix("type", start + i));
        ways.forEach((name, way) -> {
            long few = bytesEach(1_000, way);
            assertThat(bytesEach(8_000, way))
                    .as("bytes for each of those that %s", name)
                    .isLessThan(2 * few);
        });
    }

    /** Bytes allocated per subscription when so many are added by one change and replaced by the next. */
    private static long bytesEach(int count, WayToAsk way) {
        List<LiveSubscription> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(Wishes.subscription(i, way.filter(false, i)));
        }
        RoutingIndex many = new RoutingIndex();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        many.apply(change(1, List.of(), all));
        many.apply(change(2, all, all));
        return (threads.getCurrentThreadAllocatedBytes() - before) / count;
    }

    private interface WayToAsk {
        Filter filter(boolean mine, int number);
    }

    @Test
    void only_what_requires_nothing_is_compared_with_every_event() {
        add(
                Wishes.subscription(1, new All(List.of())),
                Wishes.subscription(2, new Suffix("type", "x")),
                Wishes.subscription(3, new Not(new Exact("type", "x"))),
                Wishes.subscription(4, new Any(List.of(new Exact("type", "x"), new Suffix("type", "y")))),
                Wishes.subscription(5, new Exact("type", "x")),
                Wishes.subscription(6, new Any(List.of())));

        assertThat(compared(Wishes.event("other"))).isEqualTo(4);
        assertThat(matched(Wishes.event("other")))
                .extracting(subscription -> subscription.id().getLeastSignificantBits())
                .containsExactly(1L, 3L);
    }

    @Test
    void who_asks_in_two_ways_is_found_once() {
        LiveSubscription both = Wishes.subscription(
                1, new Any(List.of(new Exact("type", "t"), new Exact("source", "/s"), new Prefix("type", "t"))));
        add(both);

        assertThat(compared(Wishes.event("t"))).isEqualTo(3);
        assertThat(matched(Wishes.event("t"))).containsExactly(both);
    }

    @Test
    void every_prefix_of_a_value_is_found_and_what_sorts_between_them_is_not() {
        List<String> prefixes =
                List.of("", "a", "a.b", "a.b.", "a.b.c", "a!", "a.a.c", "a.b-", "a.b.c.d", "b", "\uffff");
        for (int i = 0; i < prefixes.size(); i++) {
            add(Wishes.subscription(i, new Prefix("type", prefixes.get(i))));
        }
        assertThat(compared(Wishes.event("a.b.c"))).isEqualTo(5);
        assertThat(matched(Wishes.event("a.b.c")))
                .extracting(subscription -> prefixes.get((int) subscription.id().getLeastSignificantBits()))
                .containsExactly("", "a", "a.b", "a.b.", "a.b.c");
    }

    @Test
    void prefixes_that_differ_behind_what_the_index_looks_at_are_told_apart_by_their_filters() {
        String start = "x".repeat(AttributeIndex.LONGEST_PREFIX);
        List<String> prefixes = List.of(start.substring(1), start, start + "a", start + "ab", start + "b", start + "y");
        for (int i = 0; i < prefixes.size(); i++) {
            add(Wishes.subscription(i, new Prefix("type", prefixes.get(i))));
        }
        assertThat(matched(Wishes.event(start + "abc")))
                .extracting(subscription -> (int) subscription.id().getLeastSignificantBits())
                .containsExactly(0, 1, 2, 3);
        assertThat(matched(Wishes.event(start)))
                .extracting(subscription -> (int) subscription.id().getLeastSignificantBits())
                .containsExactly(0, 1);
    }
}
