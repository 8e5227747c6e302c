package dev.fanfare.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretBoxTest {
    private static final UUID ROW = new UUID(1, 2);
    private static final byte[] PLAIN = "whsec_secret".getBytes(StandardCharsets.UTF_8);

    private final byte[] key = SecretBox.newKey();
    private final SecretBox box = new SecretBox(key);

    @Test
    void what_was_sealed_opens_with_the_same_key_for_the_same_row() {
        SecretBox.Sealed sealed = box.seal(ROW, PLAIN);
        assertThat(new SecretBox(key).open(ROW, sealed)).isEqualTo(PLAIN);
        assertThat(sealed.keyId()).matches("[0-9a-f]{8}");
        assertThat(new String(sealed.ciphertext(), StandardCharsets.ISO_8859_1)).doesNotContain("secret");
    }

    @Test
    void the_same_text_is_never_sealed_to_the_same_bytes() {
        assertThat(box.seal(ROW, PLAIN).ciphertext())
                .isNotEqualTo(box.seal(ROW, PLAIN).ciphertext());
    }

    @Test
    void a_ciphertext_copied_into_another_row_does_not_open() {
        assertThatThrownBy(() -> box.open(new UUID(1, 3), box.seal(ROW, PLAIN)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void another_key_is_named_in_the_message() {
        SecretBox.Sealed sealed = box.seal(ROW, PLAIN);
        assertThatThrownBy(() -> new SecretBox(SecretBox.newKey()).open(ROW, sealed))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(sealed.keyId());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 11, 12, 20, -1})
    void a_changed_byte_is_noticed_wherever_it_is(int at) {
        SecretBox.Sealed sealed = box.seal(ROW, PLAIN);
        byte[] bytes = sealed.ciphertext();
        bytes[Math.floorMod(at, bytes.length)] ^= 1;
        assertThatThrownBy(() -> box.open(ROW, new SecretBox.Sealed(sealed.keyId(), bytes)))
                .isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 12, 27})
    void a_ciphertext_that_is_cut_off_is_refused(int length) {
        SecretBox.Sealed sealed = box.seal(ROW, PLAIN);
        byte[] cut = java.util.Arrays.copyOf(sealed.ciphertext(), length);
        assertThatThrownBy(() -> box.open(ROW, new SecretBox.Sealed(sealed.keyId(), cut)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("too short");
    }

    @Test
    void it_is_closed_until_the_key_was_compared() {
        assertThatThrownBy(() -> new SecretBox().seal(ROW, PLAIN)).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 16, 31, 33})
    void a_key_has_32_bytes(int length) {
        assertThatThrownBy(() -> new SecretBox(new byte[length])).isInstanceOf(IllegalArgumentException.class);
    }
}
