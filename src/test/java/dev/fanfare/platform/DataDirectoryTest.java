package dev.fanfare.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    @TempDir
    Path temporary;

    @Test
    void a_second_process_is_refused_and_told_which_directory_it_is() {
        Path path = temporary.resolve("data");
        try (DataDirectory first = DataDirectory.open(path)) {
            assertThatThrownBy(() -> DataDirectory.open(path))
                    .isInstanceOf(StartRefused.class)
                    .hasMessageContainingAll(first.path().toString(), "FANFARE_DATA_DIR");
            assertThatThrownBy(() -> DataDirectory.openIfWritable(path)).isInstanceOf(StartRefused.class);
        }
        DataDirectory.open(path).close();
    }

    @Test
    void the_place_is_the_same_after_a_restart_and_another_elsewhere() {
        Path path = temporary.resolve("data");
        try (DataDirectory first = DataDirectory.open(path);
                DataDirectory other = DataDirectory.open(temporary.resolve("other"))) {
            assertThat(other.place()).isNotEqualTo(first.place());
            first.close();
            try (DataDirectory again = DataDirectory.open(path)) {
                assertThat(again.place()).isEqualTo(first.place());
            }
        }
    }

    @Test
    void directory_and_files_are_for_their_owner_alone() throws IOException {
        Path path = Files.createDirectory(temporary.resolve("data"));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (DataDirectory directory = DataDirectory.open(path)) {
            Path kept = directory.keep("secret", "text");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rwx------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
                    .isEqualTo("rw-------");
            assertThat(directory.read("secret")).isEqualTo("text");
            assertThat(directory.read("none")).isNull();
        }
    }

    @Test
    void without_an_embedded_database_a_directory_that_cannot_be_made_is_no_obstacle() throws IOException {
        Path file = Files.writeString(temporary.resolve("file"), "in the way");
        try (DataDirectory directory = DataDirectory.openIfWritable(file.resolve("data"))) {
            assertThat(directory.writable()).isFalse();
            assertThat(directory.place()).isNotNull();
        }
        assertThatThrownBy(() -> DataDirectory.open(file.resolve("data")))
                .isInstanceOf(StartRefused.class)
                .hasMessageContainingAll(file.toString(), "FANFARE_DATA_DIR");
    }

    @Test
    void a_place_that_is_no_uuid_is_reported_with_its_file() throws IOException {
        Path path = Files.createDirectory(temporary.resolve("data"));
        Files.writeString(path.resolve("place"), "nowhere");
        assertThatThrownBy(() -> DataDirectory.open(path))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("place holds no UUID");
    }
}
