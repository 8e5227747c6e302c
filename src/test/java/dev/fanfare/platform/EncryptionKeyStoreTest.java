package dev.fanfare.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncryptionKeyStoreTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    @TempDir
    Path temporary;

    private DataDirectory directory;

    private record Config(Path dataDir, Optional<String> encryptionKey) implements PlatformConfig {}

    @BeforeEach
    void open() {
        directory = DataDirectory.open(temporary.resolve("data"));
    }

    @AfterEach
    void close() {
        directory.close();
    }

    @Test
    void the_first_start_makes_a_key_that_the_next_start_finds() {
        SecretBox.Sealed sealed = unlock(directory, null).seal(new UUID(1, 1), new byte[] {42});
        assertThat(unlock(directory, null).open(new UUID(1, 1), sealed)).containsExactly(42);
    }

    @Test
    void a_configured_key_needs_no_file() {
        unlock(directory, Base64.getEncoder().encodeToString(SecretBox.newKey()));
        assertThat(directory.path().resolve("encryption.key")).doesNotExist();
    }

    @Test
    void a_process_without_the_key_is_told_what_to_bring_and_makes_none() {
        unlock(directory, null);
        try (DataDirectory elsewhere = DataDirectory.open(temporary.resolve("elsewhere"))) {
            assertThatThrownBy(() -> unlock(elsewhere, null))
                    .isInstanceOf(StartRefused.class)
                    .hasMessageContainingAll("FANFARE_ENCRYPTION_KEY", "encryption.key");
            assertThat(elsewhere.path().resolve("encryption.key")).doesNotExist();
        }
    }

    @Test
    void a_process_with_another_key_is_told_what_to_bring() {
        unlock(directory, null);
        String other = Base64.getEncoder().encodeToString(SecretBox.newKey());
        assertThatThrownBy(() -> unlock(directory, other))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("FANFARE_ENCRYPTION_KEY");
    }

    @Test
    void where_no_file_can_be_kept_a_new_database_needs_a_configured_key() throws IOException {
        Path file = Files.writeString(temporary.resolve("file"), "in the way");
        try (DataDirectory nowhere = DataDirectory.openIfWritable(file.resolve("data"))) {
            assertThatThrownBy(() -> unlock(nowhere, null))
                    .isInstanceOf(StartRefused.class)
                    .hasMessageContaining("FANFARE_ENCRYPTION_KEY");
            unlock(nowhere, Base64.getEncoder().encodeToString(SecretBox.newKey()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "not base64!", "c2hvcnQ=", "ÄÖÜ"})
    void a_malformed_key_is_refused_and_not_repeated(String text) {
        assertThatThrownBy(() -> unlock(directory, text))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("base64 of 32 bytes")
                .hasMessageNotContaining(text + " ");
    }

    private static SecretBox unlock(DataDirectory directory, @Nullable String configured) {
        SecretBox box = new SecretBox();
        new EncryptionKey(postgres.tx(), box, directory, new Config(directory.path(), Optional.ofNullable(configured)))
                .unlock();
        return box;
    }
}
