package dev.fanfare.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimesTest {
    @ParameterizedTest
    @CsvSource({
        "2026-03-01T09:30:00Z,2026-03-01T09:30:00.000Z",
        "2026-03-01T09:30:00.1299999Z,2026-03-01T09:30:00.129Z",
        "2026-03-01t09:30:00.12z,2026-03-01T09:30:00.120Z",
        "2026-03-01T09:30:00+02:00,2026-03-01T07:30:00.000Z",
        "0001-01-01T00:00:00Z,0001-01-01T00:00:00.000Z"
    })
    void a_time_is_written_in_utc_with_three_fraction_digits(String text, String written) {
        assertThat(Times.format(Times.parse(text))).isEqualTo(written);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "now",
                "2026-03-01",
                "2026-03-01T09:30Z",
                "2026-03-01T09:30:00",
                "2026-03-01 09:30:00Z",
                "2026-02-30T09:30:00Z",
                "2026-03-01T24:30:00Z",
                "2026-03-01T09:30:60Z",
                "2026-03-01T09:30:00 02:00",
                "12026-03-01T09:30:00Z",
                "2026-03-01T09:30:00.Z",
                "2026-03-01T09:30:00.0000000001Z",
                "2026-03-01T09:30:00+25:00",
                "2026-03-01T09:30:00Z[UTC]",
                "1700000000"
            })
    void everything_else_is_refused(String text) {
        assertThatThrownBy(() -> Times.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2026-03-01T09:30:00.999999999Z"})
    void what_is_finer_is_cut_off_and_never_rounded_up(String text) {
        assertThat(Times.format(Instant.parse(text))).isEqualTo("2026-03-01T09:30:00.999Z");
    }
}
