package dev.fanfare.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
    @ParameterizedTest
    @CsvSource({
        "PT0S,0",
        "PT15S,15000",
        "PT0.1S,100",
        "PT1.5S,1500",
        "PT90M,5400000",
        "P1D,86400000",
        "P1DT1H1M1.001S,90061001",
        "PT36H,129600000",
        "P0D,0",
        "PT007S,7000"
    })
    void days_hours_minutes_and_seconds_are_read(String text, long milliseconds) {
        assertThat(parse(text)).isEqualTo(Duration.ofMillis(milliseconds));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "P",
                "PT",
                "P1DT",
                "15",
                "15s",
                "PT15s",
                "pt15S",
                "P1W",
                "P1M",
                "P1Y",
                "P1Y1D",
                "-PT1S",
                "PT-1S",
                "+PT1S",
                "PT.5S",
                "PT1.S",
                "PT0,5S",
                "PT1.5M",
                "P1.5D",
                "PT1S ",
                " PT1S",
                "PT1M1H",
                "PT1H1H",
                "PT99999999999S",
                "PT0.0000000001S",
                "P١D",
                "PT1E3S",
                "P1D2H"
            })
    void everything_else_is_refused(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ISO 8601");
    }

    @Test
    void the_longest_that_the_grammar_allows_is_out_of_bounds_and_does_not_overflow() {
        assertThatThrownBy(() -> parse("P999999999DT999999999H999999999M999999999.999999999S"))
                .hasMessage("must be from PT0S to P7D");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0.9S", "PT20.000000001S", "P1D"})
    void bounds_are_named(String text) {
        assertThatThrownBy(() -> Durations.parse(text, Duration.ofSeconds(1), Duration.ofSeconds(20)))
                .hasMessage("must be from PT1S to PT20S");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT15S", "P7D", "P1DT12H", "PT2.5S"})
    void format_writes_what_parse_reads(String text) {
        assertThat(Durations.format(parse(text))).isEqualTo(text);
    }

    private static Duration parse(String text) {
        return Durations.parse(text, Duration.ZERO, Duration.ofDays(7));
    }
}
