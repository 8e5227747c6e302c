package dev.fanfare.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonTest {
    private static final String JSON = "application/json";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "Application/JSON",
                "application/json; charset=utf-8",
                "application/json;charset=\"UTF-8\"",
                "application/vnd.example+json"
            })
    void json_in_utf_8_is_read(String contentType) {
        assertThat(read(contentType, "{\"a\":1}").names()).containsExactly("a");
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "text/plain",
                "text/json",
                "application/json; charset=iso-8859-1",
                "application/jsonx",
                "json",
                "application/x-www-form-urlencoded",
                "application/json, text/plain",
                "application/json; charset=utf-8; x=y"
            })
    void another_content_type_is_415(@Nullable String contentType) {
        assertThat(refusal(contentType, bytes("{}")).type()).isEqualTo(ProblemType.UNSUPPORTED_MEDIA_TYPE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "empty|''",
                "blank|'  '",
                "open|{",
                "no object|[]",
                "a string|\"a\"",
                "null|null",
                "a word|nothing",
                "two values|{}{}",
                "a trailing comma|{\"a\":1,}",
                "comments|{/*a*/}",
                "single quotes|{'a':1}",
                "NaN|{\"a\":NaN}",
                "leading zero|{\"a\":01}",
                "plus|{\"a\":+1}",
                "a raw line feed|{\"a\":\"\u0001\"}"
            })
    void what_is_not_a_json_object_is_400(String name, String body) {
        assertThat(refusal(JSON, bytes(body)).type()).as(name).isEqualTo(ProblemType.MALFORMED);
    }

    @ParameterizedTest
    @CsvSource({
        "byte order mark,EFBBBF7B7D",
        "overlong slash,7B2261223A22C0AF227D",
        "surrogate in UTF-8,7B2261223A22EDA080227D",
        "above 10FFFF,7B2261223A22F4908080227D",
        "cut short,7B2261223A22C3227D",
        "UTF-16,007B007D",
        "UTF-16 with BOM,FFFE7B007D00",
        "UTF-32,0000007B0000007D"
    })
    void what_is_not_plain_utf_8_is_400(String name, String hex) {
        assertThat(refusal(JSON, HexFormat.of().parseHex(hex)).type()).as(name).isEqualTo(ProblemType.MALFORMED);
    }

    @Test
    void a_member_that_is_there_twice_is_pointed_to() {
        Problem problem = refusal(JSON, bytes("{\"a\":{\"x/y\":1,\"b\":2,\"x/y\":3}}"));

        assertThat(problem.type()).isEqualTo(ProblemType.MALFORMED);
        assertThat(problem.errors()).containsExactly(new Fault("/a/x~1y", "malformed", "The member is there twice"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":[1,\"\\u0000\"]}", "{\"a\":[1,\"\\ud800\"]}", "{\"a\":[1,\"\\udc00x\"]}"})
    void text_that_cannot_be_stored_is_pointed_to(String body) {
        assertThat(refusal(JSON, bytes(body)).errors())
                .extracting(Fault::pointer)
                .containsExactly("/a/1");
    }

    @Test
    void a_member_name_that_cannot_be_stored_is_refused() {
        assertThat(refusal(JSON, bytes("{\"a\":{\"\\u0000\":1}}")).errors())
                .extracting(Fault::pointer)
                .containsExactly("/a");
    }

    @Test
    void a_body_over_the_limit_is_413_and_not_read_to_its_end() {
        InputStream endless = new InputStream() {
            private int given;

            @Override
            public int read() throws IOException {
                if (given++ > 2 * StrictJson.MAX_BYTES) {
                    throw new IOException("read on");
                }
                return ' ';
            }
        };

        ProblemException refused = catchThrowableOfType(ProblemException.class, () -> StrictJson.object(JSON, endless));

        assertThat(refused.problem().type()).isEqualTo(ProblemType.TOO_LARGE);
    }

    @Test
    void a_body_as_large_as_the_limit_is_read() {
        String body = "{\"a\":\"" + "x".repeat(StrictJson.MAX_BYTES - 8) + "\"}";

        assertThat(read(JSON, body).names()).containsExactly("a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":"})
    void nesting_without_end_is_400_and_costs_no_stack(String level) {
        Problem problem = refusal(JSON, bytes("{\"a\":" + level.repeat(40_000)));

        assertThat(problem.type()).isEqualTo(ProblemType.MALFORMED);
        assertThat(problem.detail()).contains("deeper than 64");
    }

    @Test
    void a_number_of_endless_digits_is_400() {
        assertThat(refusal(JSON, bytes("{\"a\":" + "9".repeat(100_000) + "}")).type())
                .isEqualTo(ProblemType.MALFORMED);
    }

    @Test
    void an_empty_body_is_an_empty_object_where_the_body_is_optional() {
        assertThat(StrictJson.optionalObject(null, new ByteArrayInputStream(new byte[0]))
                        .names())
                .isEmpty();
    }

    @Test
    void everything_that_is_wrong_is_reported_at_once_with_its_pointer() {
        JsonObjectReader reader = read(JSON, """
                {"name":5,"flag":"yes","count":1.0,"big":99999999999999999999,"ratio":1e999,"wait":"P1W",
                 "list":"x","waits":["PT1S",7,"PT-1S"],"inner":{"word":"c","oops~/":1},"color":"red","filter":[],"none":null}
                """);
        reader.text("name", 10);
        reader.flag("flag");
        reader.integer("count", 0, 10);
        reader.integer("big", 0, 10);
        reader.number("ratio", 0, 1);
        reader.duration("wait", Duration.ZERO, Duration.ofDays(1));
        reader.array("list", 1);
        reader.each("waits", 10, wait -> wait.duration(Duration.ZERO, Duration.ofDays(1)));
        JsonObjectReader inner = reader.object("inner");
        assertThat(inner).isNotNull();
        inner.word("word", List.of("a", "b"));
        reader.text("color", 2);
        assertThat(reader.any("none")).isNull();
        reader.require("none");

        ProblemException refused = catchThrowableOfType(ProblemException.class, reader::finish);

        assertThat(refused.problem().type()).isEqualTo(ProblemType.INVALID);
        assertThat(refused.problem().errors())
                .extracting(fault -> fault.pointer() + " " + fault.code())
                .containsExactly(
                        "/name wrongtype",
                        "/flag wrongtype",
                        "/count wrongtype",
                        "/big outofrange",
                        "/ratio outofrange",
                        "/wait invalid",
                        "/list wrongtype",
                        "/waits/1 wrongtype",
                        "/waits/2 invalid",
                        "/inner/word invalid",
                        "/color toolong",
                        "/none missing",
                        "/filter unknownmember",
                        "/inner/oops~0~1 unknownmember");
    }

    @Test
    void unknown_members_alone_are_a_problem_of_their_own() {
        JsonObjectReader reader = read(JSON, "{\"filter\":[]}");

        ProblemException refused = catchThrowableOfType(ProblemException.class, reader::finish);

        assertThat(refused.problem().type()).isEqualTo(ProblemType.UNKNOWN_MEMBER);
        assertThat(refused.problem().detail()).isEqualTo("/filter: is not known here");
    }

    @Test
    void an_error_report_is_bounded() {
        StringBuilder body = new StringBuilder("{\"a0\":0");
        for (int i = 1; i < 10_000; i++) {
            body.append(",\"a").append(i).append("\":0");
        }
        JsonObjectReader reader = read(JSON, body.append('}').toString());

        ProblemException refused = catchThrowableOfType(ProblemException.class, reader::finish);

        assertThat(refused.problem().errors()).hasSize(100);
    }

    private static JsonObjectReader read(String contentType, String body) {
        return StrictJson.object(contentType, new ByteArrayInputStream(bytes(body)));
    }

    private static Problem refusal(@Nullable String contentType, byte[] body) {
        return catchThrowableOfType(
                        ProblemException.class, () -> StrictJson.object(contentType, new ByteArrayInputStream(body)))
                .problem();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
