package dev.fanfare.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueryParametersTest {
    private enum Mood {
        GOOD,
        IN_BETWEEN
    }

    @Test
    void what_is_given_is_read_and_what_is_not_has_its_default() {
        UUID id = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");
        QueryParameters query = query(Map.of(
                "from", List.of("2026-03-01T09:30:00+02:00"),
                "to", List.of("0001-01-01T00:00:00Z"),
                "mood", List.of("inbetween"),
                "subscription", List.of(TypeId.format("sub", id)),
                "type", List.of("ü")));

        assertThat(query.instant("from")).isEqualTo(Instant.parse("2026-03-01T07:30:00Z"));
        assertThat(query.instant("to")).isEqualTo(Instant.EPOCH);
        assertThat(query.word("mood", Mood.class)).isEqualTo(Mood.IN_BETWEEN);
        assertThat(query.id("subscription", "sub")).isEqualTo(id);
        assertThat(query.text("type", 1)).isEqualTo("ü");
        assertThat(query.text("absent", 1)).isNull();
        assertThat(query.limit()).isEqualTo(50);
        assertThat(query.cursor()).isNull();
        query.finish();
    }

    @Test
    void a_parameter_that_nobody_knows_is_named_with_those_that_are_known() {
        QueryParameters query = query(Map.of("typ", List.of("a")));
        query.text("type", 10);
        query.limit();

        Problem problem = refusal(query);

        assertThat(problem.type()).isEqualTo(ProblemType.UNKNOWN_PARAMETER);
        assertThat(problem.detail()).isEqualTo("`typ` is not known here; known are limit, type");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "501", "-1", "+1", "1.0", "ten", "99999999999", "٣", "1 ", ""})
    void a_limit_out_of_1_to_500_is_400(String limit) {
        QueryParameters query = query(Map.of("limit", List.of(limit)));
        query.limit();

        assertThat(refusal(query).type()).isEqualTo(ProblemType.INVALID);
    }

    @Test
    void everything_that_is_wrong_is_reported_at_once() {
        QueryParameters query = query(Map.of(
                "from", List.of("2026-03-01T09:30:00 02:00"),
                "mood", List.of("GOOD"),
                "subscription", List.of("dlv_00000000000000000000000000"),
                "type", List.of("a", "b"),
                "source", List.of("12345"),
                "text", List.of("a\u0000")));
        query.instant("from");
        query.word("mood", Mood.class);
        query.id("subscription", "sub");
        query.text("type", 10);
        query.text("source", 4);
        query.text("text", 4);

        assertThat(refusal(query).errors())
                .extracting(Fault::detail)
                .containsExactly(
                        "`from` must be an RFC 3339 time such as 2026-03-01T09:30:00Z (write + as %2B)",
                        "`mood` must be one of good, inbetween",
                        "`subscription` must be an id that begins with sub_",
                        "`type` must be given once",
                        "`source` must have at most 4 characters",
                        "`text` must be percent-encoded UTF-8 without U+0000");
    }

    @Test
    void limit_may_change_from_page_to_page_and_filters_may_not() {
        String cursor = Cursor.olderThan(new UUID(1, 1))
                .encode(query(Map.of("type", List.of("a"), "limit", List.of("1")))
                        .scope());

        assertThat(query(Map.of("cursor", List.of(cursor), "type", List.of("a"), "limit", List.of("7")))
                        .cursor())
                .isNotNull();
        ProblemException refused = catchThrowableOfType(
                ProblemException.class, () -> query(Map.of("cursor", List.of(cursor), "type", List.of("b")))
                        .cursor());
        assertThat(refused.problem().type()).isEqualTo(ProblemType.BAD_CURSOR);
    }

    private static QueryParameters query(Map<String, List<String>> parameters) {
        return new QueryParameters("ten_x /v1/things", parameters);
    }

    private static Problem refusal(QueryParameters query) {
        return catchThrowableOfType(ProblemException.class, query::finish).problem();
    }
}
