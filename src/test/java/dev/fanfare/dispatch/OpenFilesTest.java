package dev.fanfare.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenFilesTest {
    @ParameterizedTest
    @CsvSource({
        "8192, 1048576, 8192",
        "8192, 20000, 8192",
        "8192, 4096, 1792",
        "8192, 1024, 256",
        "8192, 64, 16",
        "8, 64, 8"
    })
    void attempts_in_flight_leave_files_for_connections_that_wait_and_for_all_else(
            int configured, long files, int most) {
        assertThat(OpenFiles.mostInflight(configured, files)).isEqualTo(most);
    }
}
