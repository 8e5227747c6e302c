package dev.fanfare.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Base64;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookSecretTest {
    @Test
    void a_generated_secret_has_32_bytes_and_is_new_each_time() {
        String text = WebhookSecret.generate().text();
        assertThat(text).startsWith("whsec_");
        assertThat(Base64.getDecoder().decode(text.substring(6))).hasSize(32);
        assertThat(IntStream.range(0, 100)
                        .mapToObj(i -> WebhookSecret.generate().text()))
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(ints = {24, 25, 32, 63, 64})
    void secrets_of_24_to_64_bytes_are_read_and_written(int bytes) {
        String text = ofLength(bytes);
        assertThat(WebhookSecret.parse(text).text()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 23, 65, 66, 1000, 1_000_000})
    void secrets_of_other_lengths_are_refused(int bytes) {
        String text = ofLength(bytes);
        assertThatThrownBy(() -> WebhookSecret.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a secret has 24 to 64 bytes before base64");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "whsec",
                "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                " whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS_",
                "whsec_MfKQ9r8GKYqrTwjUPD8I LPZIo2LaLaSw",
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n",
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaé=",
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMf",
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMf==",
            })
    void anything_but_whsec_and_base64_is_refused_without_repeating_it(String text) {
        assertThatThrownBy(() -> WebhookSecret.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasNoCause()
                .message()
                .doesNotContain("MfKQ");
    }

    @Test
    void a_secret_never_shows_itself_in_a_log_line() {
        WebhookSecret secret = WebhookSecret.parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        assertThat(secret.toString()).isEqualTo("whsec_(redacted)");
    }

    @Test
    void secrets_with_the_same_bytes_are_equal() {
        WebhookSecret one = WebhookSecret.parse(ofLength(25));
        WebhookSecret other = WebhookSecret.parse(ofLength(25));
        assertThat(other).isEqualTo(one).hasSameHashCodeAs(one).isNotEqualTo(WebhookSecret.generate());
    }

    private static String ofLength(int bytes) {
        byte[] secret = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            secret[i] = (byte) (i * 7);
        }
        return "whsec_" + Base64.getEncoder().encodeToString(secret);
    }
}
