package dev.fanfare.platform;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.NotSupportedException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProblemTest {
    @Test
    void a_problem_is_written_as_rfc_9457_says() throws Exception {
        Problem problem = Problem.of(ProblemType.INVALID, "a \"quoted\" <word>")
                .withErrors(List.of(new Fault("/a/0", "missing", "is required")));

        JsonNode json = new ObjectMapper().readTree(ProblemJson.write(problem, "r-1"));

        assertThat(json).isEqualTo(new ObjectMapper().readTree("""
                                {"type":"urn:problem-type:fanfare:invalid","title":"A value is not allowed","status":400,
                                 "detail":"a \\"quoted\\" <word>","code":"invalid","requestid":"r-1",
                                 "errors":[{"pointer":"/a/0","code":"missing","detail":"is required"}]}
                                """));
    }

    @Test
    void detail_and_errors_are_left_out_when_there_is_nothing_to_say() throws Exception {
        JsonNode json = new ObjectMapper().readTree(ProblemJson.write(Problem.of(ProblemType.INTERNAL, null), "r"));

        assertThat(json.has("detail")).isFalse();
        assertThat(json.has("errors")).isFalse();
    }

    @Test
    void what_nobody_foresaw_is_500_and_says_nothing_of_the_inside() {
        Problem problem = ProblemMapper.problemOf(new IllegalStateException("password=hunter2"));

        assertThat(problem.type()).isEqualTo(ProblemType.INTERNAL);
        assertThat(ProblemJson.write(problem, "r")).doesNotContain("hunter2").doesNotContain("IllegalState");
    }

    @Test
    void a_problem_is_found_below_what_wraps_it() {
        Problem problem = Problem.of(ProblemType.STALE, "x");

        assertThat(ProblemMapper.problemOf(new RuntimeException(new RuntimeException(problem.exception()))))
                .isSameAs(problem);
    }

    @Test
    void what_jax_rs_and_jackson_throw_has_its_code() {
        assertThat(ProblemMapper.problemOf(new JsonParseException(null, "x")).type())
                .isEqualTo(ProblemType.MALFORMED);
        assertThat(ProblemMapper.problemOf(new NotFoundException()).type()).isEqualTo(ProblemType.NOT_FOUND);
        assertThat(ProblemMapper.problemOf(new NotSupportedException()).type())
                .isEqualTo(ProblemType.UNSUPPORTED_MEDIA_TYPE);
    }

    @ParameterizedTest
    @CsvSource({
        "08006,unavailable",
        "57P01,unavailable",
        "57014,unavailable",
        "53300,unavailable",
        "40001,unavailable",
        "40P01,unavailable",
        "55P03,unavailable",
        "55000,unavailable",
        "25006,unavailable",
        "3D000,unavailable",
        "22021,unstorable",
        "23505,internal",
        "42601,internal"
    })
    void a_database_error_is_503_when_it_passes_and_400_when_it_is_the_value(String state, String code) {
        assertThat(ProblemMapper.problemOf(new RuntimeException(new SQLException("x", state)))
                        .type()
                        .code)
                .isEqualTo(code);
    }

    @Test
    void a_database_that_is_away_is_503_with_retry_after() {
        for (SQLException away : List.of(
                new SQLException("Sorry, acquisition timeout!"), new SQLTransientConnectionException("x", "99999"))) {
            Problem problem = ProblemMapper.problemOf(away);

            assertThat(problem.type()).isEqualTo(ProblemType.UNAVAILABLE);
            assertThat(problem.headers()).containsKey("Retry-After");
        }
    }

    @Test
    void retry_after_is_never_less_than_a_second() {
        assertThat(Problem.unavailable("x", Duration.ofMillis(10)).headers()).containsEntry("Retry-After", "1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "7f3c.A_b-9", "0123456789012345678901234567890123456789012345678901234567890123"})
    void a_harmless_request_id_is_kept(String header) {
        assertThat(RequestId.from(header)).isEqualTo(header);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "a b",
                "a\r\nx: y",
                "ä",
                "\"",
                "01234567890123456789012345678901234567890123456789012345678901234"
            })
    void any_other_request_id_is_replaced(@Nullable String header) {
        assertThat(UUID.fromString(RequestId.from(header))).isNotNull();
    }
}
