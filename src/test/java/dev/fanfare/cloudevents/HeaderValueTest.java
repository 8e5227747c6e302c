package dev.fanfare.cloudevents;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CloudEvents HTTP binding §3.1.3.2. */
class HeaderValueTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "plain | plain",
                "Euro%20%E2%82%AC%20%F0%9F%98%80 | Euro € 😀",
                "euro%20%e2%82%ac | euro €",
                "%61%62 | ab",
                "`\"quoted \\\"value\\\" \\\\\"` | quoted \"value\" \\",
                "`\"a%20b\"` | a b",
                "`\"%22\"` | \"",
                "`\"\"` | ``",
                "{\"othervalue\": 5} | {\"othervalue\": 5}",
                "`\"a\" b` | \"a\" b",
                "`\"open` | \"open",
                "`\"open\\\"` | \"open\\\"",
                "` \t padded \t` | padded",
                "100% | 100%",
                "%zz%2 | %zz%2",
                "%2525 | %25",
                "`` | ``",
            })
    void a_value_is_unquoted_once_and_decoded_once(String raw, String expected) {
        assertThat(HeaderValue.decode(raw)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"€ 😀", "grün"})
    void raw_utf_8_bytes_are_taken(String text) {
        String asServersGiveIt = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        assertThat(HeaderValue.decode(asServersGiveIt)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%C0%A0", "%80", "%ED%A0%80", "%F4%90%80%80", "%E2%82", "gr\u00FCn", "€"})
    void bytes_that_are_not_utf_8_are_refused(String raw) {
        assertThat(HeaderValue.decode(raw)).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "plain!~ | plain!~",
                "Euro € 😀 | Euro%20%E2%82%AC%20%F0%9F%98%80",
                "`\"100%\"` | %22100%25%22",
                "ä | %C3%A4",
                "`` | ``",
            })
    void a_value_is_encoded_in_upper_case_and_comes_back(String value, String encoded) {
        assertThat(HeaderValue.encode(value)).isEqualTo(encoded);
        assertThat(HeaderValue.decode(encoded)).isEqualTo(value);
    }
}
