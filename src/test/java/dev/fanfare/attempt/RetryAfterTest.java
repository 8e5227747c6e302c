package dev.fanfare.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {

    private static final Instant NOW = Instant.parse("1994-11-06T08:48:37Z");

    @ParameterizedTest
    @CsvSource({
        "0, PT0S",
        "1, PT1S",
        "120, PT2M",
        "' 120 ', PT2M",
        "0000000000000120, PT2M",
        "86400, PT24H",
        "999999999, PT277777H46M39S",
        "1000000000, PT24H",
        "99999999999999999999999999, PT24H"
    })
    void delay_seconds_are_read_and_never_overflow(String value, Duration wait) {
        assertThat(RetryAfter.parse(value, NOW)).isEqualTo(wait);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
    void the_three_forms_of_http_date_are_read(String value) {
        assertThat(RetryAfter.parse(value, NOW)).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void a_date_that_has_passed_is_no_wait() {
        assertThat(RetryAfter.parse("Sat, 05 Nov 1994 08:49:37 GMT", NOW)).isEqualTo(Duration.ZERO);
    }

    @Test
    void a_two_digit_year_far_ahead_is_in_the_past() {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        assertThat(RetryAfter.parse("Sunday, 06-Nov-94 08:49:37 GMT", now)).isEqualTo(Duration.ZERO);
        assertThat(RetryAfter.parse("Thursday, 01-Jan-26 00:00:05 GMT", now)).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void a_date_far_ahead_does_not_overflow() {
        assertThat(RetryAfter.parse("Fri, 31 Dec 9999 23:59:59 GMT", NOW)).isGreaterThan(Duration.ofDays(365));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "soon",
                "-1",
                "+5",
                "1.5",
                "1e3",
                "0x10",
                "١٢٠",
                "12 0",
                "120s",
                "1,2",
                "Sun, 06 Nov 1994",
                "Sun, 06 Nov 1994 08:49:37",
                "Sun, 06 Nov 1994 08:49:37 CET",
                "Sun, 06 Nov 1994 08:49:37 +0000",
                "Sun, 31 Feb 1994 08:49:37 GMT",
                "Mon, 06 Nov 1994 08:49:37 GMT",
                "Sun, 06 Nov 1994 25:49:37 GMT",
                "1994-11-06T08:49:37Z",
                "Sunday, 06-Nov-xx 08:49:37 GMT",
                "Sunday, 99-Nov-94 08:49:37 GMT"
            })
    void garbage_is_no_wait_at_all(String value) {
        assertThat(RetryAfter.parse(value, NOW)).isNull();
    }

    @Test
    void a_value_of_hostile_length_is_read_quickly() {
        assertThat(RetryAfter.parse("9".repeat(8_000), NOW)).isEqualTo(Duration.ofHours(24));
        assertThat(RetryAfter.parse("Sunday, ".repeat(1_000), NOW)).isNull();
    }
}
