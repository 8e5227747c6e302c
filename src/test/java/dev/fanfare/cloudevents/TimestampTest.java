package dev.fanfare.cloudevents;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimestampTest {
    @ParameterizedTest
    @CsvSource({
        "2018-04-05T17:31:00Z, 2018-04-05T17:31Z",
        "2018-04-05t17:31:00z, 2018-04-05T17:31Z",
        "2018-04-05T17:31:00.1+02:00, 2018-04-05T17:31:00.100+02:00",
        "2018-04-05T17:31:00.123456789123Z, 2018-04-05T17:31:00.123456789Z",
        "2018-04-05T17:31:00-00:00, 2018-04-05T17:31Z",
        "2018-04-05T17:31:00+23:59, 2018-04-04T17:32Z",
        "2016-12-31T23:59:60Z, 2016-12-31T23:59:59Z",
        "2017-01-01T00:59:60.5+01:00, 2017-01-01T00:59:59.500+01:00",
        "2016-12-31T15:59:60-08:00, 2016-12-31T15:59:59-08:00",
        "2020-02-29T00:00:00Z, 2020-02-29T00:00Z",
        "0000-01-01T00:00:00Z, 0000-01-01T00:00Z",
        "9999-12-31T23:59:59-23:59, +10000-01-01T23:58:59Z",
    })
    void a_legal_time_is_taken_and_read(String text, String expected) {
        assertThat(Timestamp.isValid(text)).isTrue();
        assertThat(Timestamp.parse(text)).hasToString(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2018-04-05",
                "2018-04-05T17:31Z",
                "2018-04-05T17:31:00",
                "2018-04-05T17:31:00+05",
                "2018-04-05T17:31:00+0500",
                "2018-04-05T17:31:00+01:00:30",
                "2018-04-05T17:31:00+24:00",
                "2018-04-05T17:31:00+01:60",
                "2018-04-05T17:31:00.Z",
                "2018-04-05T17:31:00,5Z",
                "2018-04-05T17:31:00.5",
                "2018-04-05 17:31:00Z",
                "2018-04-05T17:31:00ZZ",
                "2018-04-05T17:31:00Z ",
                " 2018-04-05T17:31:00Z",
                "2018-04-05T24:00:00Z",
                "2018-04-05T17:60:00Z",
                "2018-04-05T17:31:60Z",
                "2018-04-05T23:59:61Z",
                "2018-04-05T23:59:60+01:00",
                "2018-00-05T17:31:00Z",
                "2018-13-05T17:31:00Z",
                "2018-04-00T17:31:00Z",
                "2018-04-31T17:31:00Z",
                "2019-02-29T17:31:00Z",
                "12018-04-05T17:31:00Z",
                "-2018-04-05T17:31:00Z",
                "+12018-04-05T17:31:00Z",
                "٢٠١٨-04-05T17:31:00Z",
                "1522949460",
            })
    void anything_else_is_refused(String text) {
        assertThat(Timestamp.isValid(text)).isFalse();
    }
}
