package dev.fanfare.delivery;

import static dev.fanfare.testing.History.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.delivery.DeliveryList.Filter;
import dev.fanfare.platform.Cursor;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.Page;
import dev.fanfare.testing.History;
import dev.fanfare.testing.TestPostgres;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DeliveryListTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private final History history = new History(postgres.tx());
    private final DeliveryList list = new DeliveryList(postgres.tx());
    private UUID active = UUID.randomUUID();
    private UUID paused = UUID.randomUUID();
    private UUID node = UUID.randomUUID();

    @BeforeEach
    void two_subscriptions_and_a_node() {
        history.days(NOON, 1);
        active = history.subscription("active");
        paused = history.subscription("paused");
        node = history.node(NOON);
    }

    /** One delivery of each kind, a second apart, the oldest first. */
    private List<UUID> oneOfEach() {
        return List.of(
                history.delivery(NOON, active, "a", "delivered", null),
                history.delivery(NOON.plusSeconds(1), active, "b", "dead", "exhausted"),
                history.delivery(NOON.plusSeconds(2), paused, "a", "cancelled", "subscriptiondeleted"),
                history.queued(NOON.plusSeconds(3), active, "a", "timeout", null),
                history.queued(NOON.plusSeconds(4), paused, "a", null, null),
                history.queued(NOON.plusSeconds(5), active, "b", "timeout", node),
                history.delivery(NOON.plusSeconds(6), active, "a", "inflight", null),
                history.queued(NOON.plusSeconds(7), paused, "b", "httpstatus", node),
                history.delivery(NOON.plusSeconds(8), paused, "c", "dead", "gone"));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // state, subscription, type, reason, numbers of the deliveries shown
                "-, -, -, -, 876543210",
                "DELIVERED, -, -, -, 0",
                "DEAD, -, -, -, 81",
                "CANCELLED, -, -, -, 2",
                "PENDING, -, -, -, 3",
                "HELD, -, -, -, 4",
                "INFLIGHT, -, -, -, 765",
                "-, active, -, -, 65310",
                "-, paused, -, -, 8742",
                "-, unknown, -, -, ''",
                "DELIVERED, paused, -, -, ''",
                "DEAD, active, -, -, 1",
                "CANCELLED, paused, -, -, 2",
                "PENDING, active, -, -, 3",
                "PENDING, paused, -, -, ''",
                "HELD, paused, -, -, 4",
                "HELD, active, -, -, ''",
                "INFLIGHT, active, -, -, 65",
                "-, -, a, -, 64320",
                "DEAD, -, c, -, 8",
                "PENDING, -, a, -, 3",
                "PENDING, -, b, -, ''",
                "INFLIGHT, -, b, -, 75",
                "-, -, -, TIMEOUT, 53",
                "-, -, -, GONE, 8",
                "DEAD, -, -, EXHAUSTED, 1",
                "PENDING, -, -, TIMEOUT, 3",
                "PENDING, -, -, GONE, ''",
                "INFLIGHT, paused, b, HTTPSTATUS, 7",
            })
    void each_filter_shows_its_deliveries_alone_newest_first(
            @Nullable ShownState state,
            @Nullable String subscription,
            @Nullable String type,
            @Nullable Reason reason,
            String expected) {
        List<UUID> all = oneOfEach();

        Page<DeliveryView> page =
                list.page(history.tenant(), new Filter(state, named(subscription), type, reason, null, null), 50, null);

        assertThat(page.items())
                .extracting(DeliveryView::id)
                .isEqualTo(expected.chars().mapToObj(c -> all.get(c - '0')).toList());
        assertThat(page.next()).isNull();
        assertThat(page.prev()).isNull();
    }

    private @Nullable UUID named(@Nullable String subscription) {
        if (subscription == null) {
            return null;
        }
        return switch (subscription) {
            case "active" -> active;
            case "paused" -> paused;
            default -> UUID.randomUUID();
        };
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-, -, 876543210",
                "2026-03-10T12:00:03Z, -, 876543",
                "-, 2026-03-10T12:00:03Z, 210",
                "2026-03-10T12:00:01Z, 2026-03-10T12:00:04Z, 321",
                // finer than the milliseconds of acceptance
                "2026-03-10T12:00:03.000000001Z, -, 87654",
                "-, 2026-03-10T12:00:03.000000001Z, 3210",
                "1970-01-01T00:00:00Z, 9999-12-31T23:59:59Z, 876543210",
                "2026-03-10T12:00:04Z, 2026-03-10T12:00:01Z, ''",
            })
    void from_is_inclusive_and_to_exclusive(@Nullable Instant from, @Nullable Instant to, String expected) {
        List<UUID> all = oneOfEach();
        List<UUID> wanted = expected.chars().mapToObj(c -> all.get(c - '0')).toList();

        assertThat(ids(new Filter(null, null, null, null, from, to))).isEqualTo(wanted);
        for (ShownState state : ShownState.values()) {
            List<UUID> every = ids(new Filter(state, null, null, null, null, null));
            assertThat(ids(new Filter(state, null, null, null, from, to)))
                    .as("%s", state)
                    .isEqualTo(every.stream().filter(wanted::contains).toList());
        }
    }

    @ParameterizedTest
    @CsvSource({"active, PENDING", "paused, HELD", "disabled, HELD"})
    void what_waits_is_held_while_its_subscription_is_not_active(String subscription, ShownState shown) {
        UUID id = history.queued(NOON, history.subscription(subscription), "a", "timeout", null);

        DeliveryView view = list.find(history.tenant(), id).orElseThrow();

        assertThat(view.state()).isEqualTo(shown);
        assertThat(view.dueAt()).isEqualTo(NOON.plusSeconds(300));
        assertThat(view.reason()).isEqualTo("timeout");
        assertThat(view.attempts()).isEqualTo(2);
        assertThat(view.lastStatus()).isEqualTo(503);
        assertThat(view.settledAt()).isNull();
    }

    @Test
    void pausing_changes_what_is_shown_and_not_what_is_stored() {
        UUID id = history.queued(NOON, active, "a", null, null);

        history.state(active, "paused");

        assertThat(list.find(history.tenant(), id).orElseThrow().state()).isEqualTo(ShownState.HELD);
        assertThat(history.stored(id)).isEqualTo("pending");
        history.state(active, "active");
        assertThat(list.find(history.tenant(), id).orElseThrow().state()).isEqualTo(ShownState.PENDING);
    }

    @Test
    void a_claimed_delivery_is_in_flight_and_due_no_more() {
        UUID id = history.queued(NOON, paused, "a", "timeout", node);

        DeliveryView view = list.find(history.tenant(), id).orElseThrow();

        assertThat(view.state()).isEqualTo(ShownState.INFLIGHT);
        assertThat(view.dueAt()).isNull();
    }

    @Test
    void nothing_of_another_tenant_is_shown() {
        History other = history.ofAnotherTenant();
        UUID foreign = other.subscription("active");
        UUID event = Ids.at(NOON);
        List<UUID> theirs = List.of(
                other.delivery(Ids.at(NOON), event, foreign, "a", "delivered", null),
                other.delivery(Ids.at(NOON), event, foreign, "a", "dead", "gone"),
                other.queued(Ids.at(NOON), event, foreign, "a", null, null),
                other.queued(Ids.at(NOON), event, foreign, "a", null, node),
                other.delivery(Ids.at(NOON), event, foreign, "a", "inflight", null));

        for (ShownState state : ShownState.values()) {
            assertThat(ids(new Filter(state, null, null, null, null, null))).isEmpty();
            assertThat(ids(new Filter(state, foreign, null, null, null, null))).isEmpty();
        }
        assertThat(ids(new Filter(null, foreign, null, null, null, null))).isEmpty();
        assertThat(list.ofEvent(history.tenant(), event, 50, null).items()).isEmpty();
        assertThat(theirs).allMatch(id -> list.find(history.tenant(), id).isEmpty());
        assertThat(list.ofEvent(other.tenant(), event, 50, null).items()).hasSize(5);
    }

    @ParameterizedTest
    @EnumSource
    void pages_lead_through_fan_outs_of_one_millisecond_and_back(ShownState state) {
        UUID lane = state == ShownState.HELD ? paused : active;
        List<UUID> all = new ArrayList<>();
        for (int i = 0; i < 23; i++) {
            all.add(one(state, lane, NOON.plusMillis(i < 17 ? 0 : i), i % 2 == 0));
        }
        all.sort(Comparator.comparing(UUID::toString).reversed());

        for (Filter filter : List.of(
                new Filter(state, null, null, null, null, null),
                new Filter(state, lane, "a", null, null, null),
                new Filter(null, null, null, null, null, null))) {
            for (int limit : new int[] {1, 5, 22, 23, 24}) {
                assertThat(walk(filter, limit)).as("%s by %d", filter, limit).isEqualTo(all);
            }
        }
    }

    private UUID one(ShownState state, UUID lane, Instant at, boolean claimed) {
        return switch (state) {
            case PENDING, HELD -> history.queued(at, lane, "a", null, null);
            case INFLIGHT ->
                claimed ? history.queued(at, lane, "a", null, node) : history.delivery(at, lane, "a", "inflight", null);
            case DELIVERED -> history.delivery(at, lane, "a", "delivered", null);
            case DEAD -> history.delivery(at, lane, "a", "dead", "gone");
            case CANCELLED -> history.delivery(at, lane, "a", "cancelled", "subscriptiondeleted");
        };
    }

    @Test
    void the_deliveries_of_an_event_come_in_pages() {
        UUID event = Ids.at(NOON);
        List<UUID> all = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            all.add(history.delivery(Ids.at(NOON), event, active, "a", "delivered", null));
        }
        history.delivery(Ids.at(NOON), Ids.at(NOON), active, "a", "delivered", null);
        all.sort(Comparator.comparing(UUID::toString).reversed());

        List<UUID> seen = new ArrayList<>();
        Page<DeliveryView> page = list.ofEvent(history.tenant(), event, 4, null);
        page.items().forEach(item -> seen.add(item.id()));
        while (page.next() != null) {
            page = list.ofEvent(history.tenant(), event, 4, page.next());
            page.items().forEach(item -> seen.add(item.id()));
        }
        assertThat(seen).isEqualTo(all);
    }

    @Test
    void a_page_looks_at_10_000_rows_and_says_that_it_is_not_the_end() {
        UUID first = history.delivery(NOON.minusMillis(1), active, "rare", "delivered", null);
        history.manyDelivered(NOON, active, 20_000);
        UUID last = history.delivery(NOON.plusMillis(20_000), active, "rare", "delivered", null);
        Filter rare = new Filter(ShownState.DELIVERED, null, "rare", null, null, null);

        Page<DeliveryView> one = list.page(history.tenant(), rare, 50, null);
        Page<DeliveryView> two = list.page(history.tenant(), rare, 50, one.next());
        Page<DeliveryView> three = list.page(history.tenant(), rare, 50, two.next());

        assertThat(one.items()).extracting(DeliveryView::id).containsExactly(last);
        assertThat(two.items()).isEmpty();
        assertThat(three.items()).extracting(DeliveryView::id).containsExactly(first);
        assertThat(three.next()).isNull();
        assertThat(walk(rare, 50)).containsExactly(last, first);
    }

    @Test
    void a_lane_is_found_at_once_behind_a_long_queue_of_others() {
        UUID mine = history.queued(NOON.minusMillis(1), active, "a", null, null);
        history.manyWaiting(NOON, paused, 10_500);

        Page<DeliveryView> one =
                list.page(history.tenant(), new Filter(ShownState.PENDING, active, null, null, null, null), 50, null);

        assertThat(one.items()).extracting(DeliveryView::id).containsExactly(mine);
        assertThat(walk(new Filter(ShownState.PENDING, null, null, null, null, null), 50))
                .containsExactly(mine);
    }

    @Test
    void what_lies_below_the_floor_of_every_living_node_is_in_nobodys_hands() {
        history.delivery(NOON.minusSeconds(1), active, "a", "inflight", null);

        assertThat(ids(new Filter(ShownState.INFLIGHT, null, null, null, null, null)))
                .isEmpty();
    }

    private List<UUID> ids(Filter filter) {
        return list.page(history.tenant(), filter, 500, null).items().stream()
                .map(DeliveryView::id)
                .toList();
    }

    /** All of a list by {@code next}, which must be what {@code prev} leads back through. */
    private List<UUID> walk(Filter filter, int limit) {
        List<UUID> forth = new ArrayList<>();
        Cursor at = null;
        Page<DeliveryView> page;
        do {
            page = list.page(history.tenant(), filter, limit, at);
            assertThat(page.items()).hasSizeLessThanOrEqualTo(limit);
            page.items().forEach(item -> forth.add(item.id()));
            at = page.next();
        } while (at != null);
        List<UUID> back = new ArrayList<>();
        while (true) {
            List<DeliveryView> items = new ArrayList<>(page.items());
            Collections.reverse(items);
            items.forEach(item -> back.add(item.id()));
            if (page.prev() == null) {
                break;
            }
            page = list.page(history.tenant(), filter, limit, page.prev());
        }
        Collections.reverse(back);
        assertThat(back).as("back from the end").isEqualTo(forth);
        return forth;
    }
}
