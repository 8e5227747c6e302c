package dev.fanfare.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageTest {
    /** Newest first, as the API shows them. */
    private static final List<UUID> ALL = IntStream.iterate(10, i -> i > 0, i -> i - 1)
            .mapToObj(i -> new UUID(i, 0))
            .toList();

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 5, 9, 10, 11})
    void next_leads_through_the_whole_list_and_prev_back_to_its_begin(int limit) {
        List<UUID> seen = new ArrayList<>();
        Page<UUID> page = read(null, limit);
        seen.addAll(page.items());
        while (page.next() != null) {
            page = read(page.next(), limit);
            seen.addAll(page.items());
        }
        assertThat(seen).isEqualTo(ALL);

        List<UUID> back = new ArrayList<>(page.items());
        while (page.prev() != null) {
            page = read(page.prev(), limit);
            back.addAll(0, page.items());
        }
        assertThat(back).isEqualTo(ALL);
    }

    @Test
    void the_first_page_has_no_prev_and_an_empty_list_has_no_links() {
        assertThat(read(null, 3).prev()).isNull();
        assertThat(Page.of(List.<UUID>of(), 3, null, Function.identity()).link(query(Map.of())))
                .isNull();
    }

    @Test
    void links_are_relative_keep_the_filters_and_lead_to_the_same_list() {
        QueryParameters query =
                query(Map.of("type", List.of("a&b=ü"), "limit", List.of("3"), "cursor", List.of("old")));
        Page<UUID> page = new Page<>(ALL, Cursor.olderThan(ALL.get(2)), Cursor.newerThan(ALL.get(0)));

        String link = page.link(query);

        Matcher matcher = Pattern.compile("<\\?limit=3&type=a%26b%3D%C3%BC&cursor=([^>]+)>; rel=\"next\", "
                        + "<\\?limit=3&type=a%26b%3D%C3%BC&cursor=([^>]+)>; rel=\"prev\"")
                .matcher(String.valueOf(link));
        assertThat(matcher.matches()).as(link).isTrue();
        assertThat(query(Map.of("type", List.of("a&b=ü"), "cursor", List.of(matcher.group(1))))
                        .cursor())
                .isEqualTo(page.next());
    }

    private static Page<UUID> read(@Nullable Cursor at, int limit) {
        List<UUID> rows = new ArrayList<>(ALL);
        if (at != null && at.newer()) {
            Collections.reverse(rows);
            rows.removeIf(id -> id.compareTo(at.position()) <= 0);
        } else if (at != null) {
            rows.removeIf(id -> id.compareTo(at.position()) >= 0);
        }
        return Page.of(rows.subList(0, Math.min(rows.size(), limit + 1)), limit, at, Function.identity());
    }

    private static QueryParameters query(Map<String, List<String>> parameters) {
        return new QueryParameters("tenant /v1/things", parameters);
    }
}
