package dev.fanfare.signing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The oracle is the Standard Webhooks library for Java, which checks timestamps against the real clock. */
class SignaturesTest {
    private static final WebhookSecret PUBLISHED = WebhookSecret.parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    private static final String ID = "dlv_01h455vb4pex5vsknk084sn02q";

    @Test
    void the_published_vector_has_its_published_signature() {
        String header = Signatures.sign(
                List.of(PUBLISHED),
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1614265330,
                "{\"test\": 2432232314}".getBytes(UTF_8));
        assertThat(header).isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{\"a\":\"ä€😀\"}", "line\r\nline\u0000end", "{\"test\": 2432232314}"})
    void the_standard_webhooks_library_verifies_every_body(String body) {
        long now = now();
        String header = Signatures.sign(List.of(PUBLISHED), ID, now, body.getBytes(UTF_8));
        assertThatCode(() -> verify(PUBLISHED, header, now, body)).doesNotThrowAnyException();
    }

    @Test
    void during_a_rotation_each_secret_verifies_by_itself_and_a_third_does_not() {
        WebhookSecret current = WebhookSecret.generate();
        WebhookSecret previous = WebhookSecret.generate();
        long now = now();
        String header = Signatures.sign(List.of(current, previous), ID, now, "{}".getBytes(UTF_8));
        assertThat(header).matches("v1,[A-Za-z0-9+/]{43}= v1,[A-Za-z0-9+/]{43}=");
        assertThatCode(() -> verify(current, header, now, "{}")).doesNotThrowAnyException();
        assertThatCode(() -> verify(previous, header, now, "{}")).doesNotThrowAnyException();
        assertThatThrownBy(() -> verify(PUBLISHED, header, now, "{}")).isInstanceOf(WebhookVerificationException.class);
    }

    @Test
    void body_id_and_time_are_all_signed() {
        byte[] body = "{}".getBytes(UTF_8);
        List<WebhookSecret> secrets = List.of(PUBLISHED);
        assertThat(List.of(
                        Signatures.sign(secrets, ID, 1, body),
                        Signatures.sign(secrets, ID, 2, body),
                        Signatures.sign(secrets, ID + "r", 1, body),
                        Signatures.sign(secrets, ID, 1, "{ }".getBytes(UTF_8))))
                .doesNotHaveDuplicates();
    }

    @Test
    void many_threads_sign_at_once_without_disturbing_each_other() {
        List<WebhookSecret> secrets = List.of(WebhookSecret.generate(), WebhookSecret.generate());
        byte[] body = new byte[10_000];
        String alone = Signatures.sign(secrets, ID, 1, body);
        assertThat(IntStream.range(0, 2_000).parallel().mapToObj(i -> Signatures.sign(secrets, ID, 1, body)))
                .containsOnly(alone);
        assertThat(body).containsOnly(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "evt.1", "."})
    void an_id_with_a_dot_or_none_is_refused(String id) {
        assertThatThrownBy(() -> Signatures.sign(List.of(PUBLISHED), id, 1, new byte[0]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void signing_without_a_secret_is_refused() {
        assertThatThrownBy(() -> Signatures.sign(List.of(), ID, 1, new byte[0]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static void verify(WebhookSecret secret, String signature, long timestamp, String body) throws Exception {
        new Webhook(secret.text())
                .verify(
                        body,
                        Map.of(
                                "webhook-id", List.of(ID),
                                "webhook-timestamp", List.of(Long.toString(timestamp)),
                                "webhook-signature", List.of(signature)));
    }

    private static long now() {
        return System.currentTimeMillis() / 1000;
    }
}
