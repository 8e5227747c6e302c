package dev.fanfare.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AcceptHeaderTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                // Accept | quality of text/plain
                "- | 1",
                "'' | 1",
                "*/* | 1",
                "text/* | 1",
                "text/plain | 1",
                "TEXT/Plain ; charset=utf-8 | 1",
                "text/html | 0",
                "application/* | 0",
                "text/plain;q=0 | 0",
                "text/plain;q=0.25, */* | 0.25",
                "*/*;q=0.5, text/*;q=0.3, text/plain;q=0.1 | 0.1",
                "text/*;Q=0.3, */*;q=0.5 | 0.3",
                "text/plain;a=b;q=0.7 | 0.7",
                "text/plain;q=0.2, text/plain;q=0.4 | 0.4",
                // illegible: passed over
                "text | 1",
                "text, text/plain;q=0.5 | 0.5",
                ";;;,,,/,a/ | 1",
                "text/plain;q=nonsense | 1",
                "text/plain;q=2 | 1",
                "*/plain | 0",
            })
    void the_closest_range_decides(String accept, double quality) {
        AcceptHeader header = AcceptHeader.parse(accept == null ? null : List.of(accept));

        assertThat(header.quality("text/plain")).isEqualTo(quality);
    }

    @Test
    void several_headers_are_one() {
        assertThat(AcceptHeader.parse(List.of("text/html", "text/plain;q=0.5")).quality("text/plain"))
                .isEqualTo(0.5);
    }

    @Test
    void a_long_header_takes_no_longer_than_its_length() {
        String hostile = "a/b;" + " ;q=".repeat(20_000) + "," + "text/plain;".repeat(10_000);

        assertThat(AcceptHeader.parse(List.of(hostile)).quality("image/png")).isZero();
    }
}
