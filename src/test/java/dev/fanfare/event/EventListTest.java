package dev.fanfare.event;

import static dev.fanfare.testing.History.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.cloudevents.WireEvent.DataKind;
import dev.fanfare.event.EventList.Filter;
import dev.fanfare.event.EventList.Row;
import dev.fanfare.platform.Cursor;
import dev.fanfare.platform.Page;
import dev.fanfare.testing.History;
import dev.fanfare.testing.TestPostgres;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventListTest {
    private static final Filter ANY = new Filter(null, null, null, null, null, null);

    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private final History history = new History(postgres.tx());
    private final EventList list = new EventList(postgres.tx());

    @BeforeEach
    void the_days_are_there() {
        history.days(NOON, 1);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // id, source, type, subject, from, to, numbers of the events shown
                "-, -, -, -, -, -, 43210",
                "one, -, -, -, -, -, 10",
                "-, /b, -, -, -, -, 41",
                "-, -, x, -, -, -, 20",
                "-, -, -, s, -, -, 32",
                "one, /b, -, -, -, -, 1",
                "one, /b, x, -, -, -, ''",
                "none, -, -, -, -, -, ''",
                "-, -, -, -, 2026-03-10T12:00:02Z, -, 432",
                "-, -, -, -, -, 2026-03-10T12:00:02Z, 10",
                "-, -, -, s, 2026-03-10T12:00:02Z, 2026-03-10T12:00:03Z, 2",
                // no patterns, no SQL
                "%, -, -, -, -, -, ''",
                "''' or true --', -, -, -, -, -, ''",
            })
    void each_filter_shows_its_events_alone_newest_first(
            @Nullable String id,
            @Nullable String source,
            @Nullable String type,
            @Nullable String subject,
            @Nullable Instant from,
            @Nullable Instant to,
            String expected) {
        List<UUID> all = List.of(
                history.event(NOON, "one", "/a", "x", null),
                history.event(NOON.plusSeconds(1), "one", "/b", "y", null),
                history.event(NOON.plusSeconds(2), "two", "/a", "x", "s"),
                history.event(NOON.plusSeconds(3), "three", "/a", "y", "s"),
                history.event(NOON.plusSeconds(4), "four", "/b", "y", "other"));

        Page<Row> page = list.page(history.tenant(), new Filter(id, source, type, subject, from, to), 50, null);

        assertThat(page.items())
                .extracting(Row::event)
                .isEqualTo(expected.chars().mapToObj(c -> all.get(c - '0')).toList());
        assertThat(page.next()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"current", "previous"})
    void an_event_whose_name_dedupe_knows_is_found_at_once_behind_many_others(String generation) {
        UUID old = history.event(NOON.minusMillis(2), "n", "/s", "t", null);
        UUID known = history.event(NOON.minusMillis(1), "n", "/s", "t", null);
        history.identity(generation, known, "/s", "n");
        history.manyEvents(NOON, "many", 10_500);
        Filter named = new Filter("n", "/s", null, null, null, null);

        Page<Row> first = list.page(history.tenant(), named, 50, null);
        Page<Row> second = list.page(history.tenant(), named, 50, first.next());

        assertThat(first.items()).extracting(Row::event).containsExactly(known);
        assertThat(second.items()).extracting(Row::event).containsExactly(old);
        assertThat(second.next()).isNull();
    }

    @Test
    void a_name_that_dedupe_knows_still_has_to_fit_the_other_filters() {
        UUID known = history.event(NOON, "n", "/s", "t", null);
        history.identity("current", known, "/s", "n");

        for (Filter filter : List.of(
                new Filter("n", "/s", "other", null, null, null),
                new Filter("n", "/s", null, "other", null, null),
                new Filter("n", "/s", null, null, NOON.plusMillis(1), null),
                new Filter("n", "/s", null, null, null, NOON))) {
            assertThat(list.page(history.tenant(), filter, 50, null).items()).isEmpty();
        }
    }

    @Test
    void a_page_looks_at_10_000_rows_and_says_that_it_is_not_the_end() {
        UUID first = history.event(NOON.minusMillis(1), "a", "/s", "rare", null);
        history.manyEvents(NOON, "many", 10_000);
        Filter rare = new Filter(null, null, "rare", null, null, null);

        Page<Row> empty = list.page(history.tenant(), rare, 50, null);
        Page<Row> found = list.page(history.tenant(), rare, 50, empty.next());

        assertThat(empty.items()).isEmpty();
        assertThat(empty.next()).isNotNull();
        assertThat(found.items()).extracting(Row::event).containsExactly(first);
        assertThat(found.next()).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 11, 12, 13})
    void pages_lead_through_events_of_one_millisecond_and_back(int limit) {
        List<UUID> all = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            all.add(history.event(NOON, "id-" + i, "/s", "t", null));
        }
        all.sort(Comparator.comparing(UUID::toString).reversed());

        List<UUID> forth = new ArrayList<>();
        Cursor at = null;
        Page<Row> page;
        do {
            page = list.page(history.tenant(), ANY, limit, at);
            page.items().forEach(row -> forth.add(row.event()));
            at = page.next();
        } while (at != null);
        List<UUID> back = new ArrayList<>(page.items().stream().map(Row::event).toList());
        while (page.prev() != null) {
            page = list.page(history.tenant(), ANY, limit, page.prev());
            back.addAll(0, page.items().stream().map(Row::event).toList());
        }

        assertThat(forth).isEqualTo(all);
        assertThat(back).isEqualTo(all);
    }

    @Test
    void an_event_comes_back_as_it_went_in() {
        byte[] data = {0, (byte) 0xFF, '{', 13, 10};
        UUID id = history.event(
                NOON,
                WireEvent.stored(
                        "i",
                        "/s",
                        "t",
                        "ü",
                        "2026-03-10T12:00:00.10+01:00",
                        "a/b; c=\"d\"",
                        null,
                        "{\"n\":7}",
                        DataKind.BINARY,
                        data));

        WireEvent event = list.find(history.tenant(), id).orElseThrow();

        assertThat(event.dataBytes()).isEqualTo(data);
        assertThat(event.time()).isEqualTo("2026-03-10T12:00:00.10+01:00");
        assertThat(event.datacontenttype()).isEqualTo("a/b; c=\"d\"");
        assertThat(event.extensions()).containsEntry("n", 7);
        assertThat(list.page(history.tenant(), ANY, 50, null).items())
                .containsExactly(
                        new Row(id, "i", "/s", "t", "ü", "2026-03-10T12:00:00.10+01:00", "a/b; c=\"d\"", data.length));
    }

    @Test
    void nothing_of_another_tenant_is_shown() {
        History other = history.ofAnotherTenant();
        UUID foreign = other.event(NOON, "n", "/s", "t", null);
        other.identity("current", foreign, "/s", "n");

        assertThat(list.page(history.tenant(), ANY, 50, null).items()).isEmpty();
        assertThat(list.page(history.tenant(), new Filter("n", "/s", null, null, null, null), 50, null)
                        .items())
                .isEmpty();
        assertThat(list.find(history.tenant(), foreign)).isEmpty();
        assertThat(list.exists(history.tenant(), foreign)).isFalse();
        assertThat(list.exists(other.tenant(), foreign)).isTrue();
    }
}
