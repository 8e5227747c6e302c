package dev.fanfare.delivery;

import static dev.fanfare.testing.History.NOON;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.delivery.DeliveryList.Filter;
import dev.fanfare.event.EventList;
import dev.fanfare.platform.Cursor;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.Tx;
import dev.fanfare.testing.Explaining;
import dev.fanfare.testing.History;
import dev.fanfare.testing.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Over 31 days, each list looks into the days it must and no other: the plans of the statements as they run. */
class DeliveryListPlanTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private static final Instant FIRST = NOON.minus(Duration.ofDays(20));
    private static final Instant MIDNIGHT = Instant.parse("2026-03-10T00:00:00Z");

    private final History history = new History(postgres.tx());
    private final Explaining explaining = new Explaining(postgres.dataSource());
    private final DeliveryList deliveries = new DeliveryList(new Tx(explaining.dataSource()));
    private UUID lane = UUID.randomUUID();

    @BeforeEach
    void each_of_31_days_has_one_delivery_of_each_kind() {
        history.days(FIRST, 30);
        lane = history.subscription("active");
        UUID held = history.subscription("paused");
        UUID node = history.node(NOON);
        for (int day = 0; day < 31; day++) {
            Instant at = FIRST.plus(Duration.ofDays(day));
            history.event(at, "id-" + day, "/plan", "plan", null);
            history.delivery(at, lane, "plan", "delivered", null);
            history.delivery(at, lane, "plan", "dead", "gone");
            history.delivery(at, lane, "plan", "cancelled", "subscriptiondeleted");
            history.delivery(at, lane, "plan", "inflight", null);
            history.queued(at, lane, "plan", null, null);
            history.queued(at, lane, "plan", null, node);
            history.queued(at, held, "plan", null, null);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_list_of_one_day_looks_into_that_day(ShownState state) {
        for (UUID subscription : new UUID[] {null, lane}) {
            Filter filter = new Filter(state, subscription, null, null, MIDNIGHT, MIDNIGHT.plus(Duration.ofDays(1)));

            var page = deliveries.page(history.tenant(), filter, 50, null);

            assertThat(page.items())
                    .hasSize(
                            state == ShownState.HELD && subscription != null
                                    ? 0
                                    : 1 + (state == ShownState.INFLIGHT ? 1 : 0));
            assertThat(looked()).as("%s of %s", state, subscription).isSubsetOf("delivery_20260310");
        }
    }

    @Test
    void a_list_of_any_state_looks_into_its_day() {
        for (UUID subscription : new UUID[] {null, lane}) {
            deliveries.page(
                    history.tenant(),
                    new Filter(null, subscription, null, null, MIDNIGHT, MIDNIGHT.plus(Duration.ofDays(1))),
                    50,
                    null);

            assertThat(looked()).isEqualTo(Set.of("delivery_20260310"));
        }
    }

    @Test
    void a_cursor_leaves_the_days_on_its_other_side_alone() {
        deliveries.page(
                history.tenant(),
                new Filter(null, null, null, null, MIDNIGHT.minus(Duration.ofDays(1)), null),
                50,
                Cursor.olderThan(Ids.lowest(MIDNIGHT.plus(Duration.ofDays(1)))));

        assertThat(looked()).isEqualTo(Set.of("delivery_20260309", "delivery_20260310"));
    }

    @Test
    void in_flight_is_looked_for_from_the_lowest_floor_of_a_living_node_on() {
        deliveries.page(history.tenant(), new Filter(ShownState.INFLIGHT, null, "none", null, null, null), 50, null);

        TreeSet<String> young = IntStream.rangeClosed(10, 20)
                .mapToObj(day -> "delivery_202603" + day)
                .collect(toCollection(TreeSet::new));
        assertThat(explaining.plans().stream()
                        .map(DeliveryListPlanTest::readAsRanges)
                        .filter(partitions -> !partitions.isEmpty()))
                .as("the look for the page's end, then the page")
                .containsExactly(young, young);
    }

    /** The partitions of which a plan has read more than rows by their key, as it reads those of claims. */
    private static TreeSet<String> readAsRanges(String plan) {
        String byKey = "\n *Index Cond: \\(id = [a-z_0-9]+\\.id\\)";
        return Explaining.partitions(plan.replaceAll(".* on delivery_.*" + byKey, ""));
    }

    @Test
    void what_is_asked_by_id_looks_into_its_day() {
        UUID event = Ids.at(NOON);
        UUID id = history.delivery(Ids.at(NOON), event, lane, "plan", "delivered", null);

        assertThat(deliveries.find(history.tenant(), id)).isPresent();
        assertThat(looked()).isEqualTo(Set.of("delivery_20260310"));
        assertThat(deliveries.ofEvent(history.tenant(), event, 50, null).items())
                .hasSize(1);
        assertThat(looked()).isEqualTo(Set.of("delivery_20260310"));

        new AttemptList(new Tx(explaining.dataSource())).page(id, 50, null);
        assertThat(looked()).isEqualTo(Set.of("attempt_20260310"));
    }

    @Test
    void events_are_looked_for_in_their_days() {
        EventList events = new EventList(new Tx(explaining.dataSource()));
        Instant to = MIDNIGHT.plus(Duration.ofDays(1));

        assertThat(events.page(history.tenant(), filter(null, MIDNIGHT, to), 50, null)
                        .items())
                .hasSize(1);
        assertThat(looked()).isEqualTo(Set.of("event_20260310"));

        UUID known = history.event(NOON, "known", "/plan", "plan", null);
        history.identity("current", known, "/plan", "known");
        assertThat(events.page(history.tenant(), filter("known", null, null), 50, null)
                        .items())
                .hasSize(1);
        assertThat(looked()).isEqualTo(Set.of("event_20260310"));

        assertThat(events.find(history.tenant(), known)).isPresent();
        assertThat(looked()).isEqualTo(Set.of("event_20260310"));
    }

    private static EventList.Filter filter(@Nullable String id, @Nullable Instant from, @Nullable Instant to) {
        return new EventList.Filter(id, id == null ? null : "/plan", null, null, from, to);
    }

    /** The partitions that the statements since the last call have looked into. */
    private TreeSet<String> looked() {
        return explaining.plans().stream()
                .flatMap(plan -> Explaining.partitions(plan).stream())
                .collect(toCollection(TreeSet::new));
    }
}
