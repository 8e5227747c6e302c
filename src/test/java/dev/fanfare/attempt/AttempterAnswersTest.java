package dev.fanfare.attempt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.fanfare.delivery.Outcome;
import dev.fanfare.delivery.Reason;
import dev.fanfare.subscription.Credential;
import dev.fanfare.testing.FakeSink.Answer;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class AttempterAnswersTest extends AttempterFixture {

    @ParameterizedTest
    @CsvSource({
        "200,",
        "201,",
        "202,",
        "204,",
        "299,",
        "300, REDIRECT",
        "301, REDIRECT",
        "304, REDIRECT",
        "307, REDIRECT",
        "400, HTTPSTATUS",
        "404, HTTPSTATUS",
        "410, HTTPSTATUS",
        "429, HTTPSTATUS",
        "500, HTTPSTATUS",
        "503, HTTPSTATUS",
        "101, HTTPSTATUS",
        "999, HTTPSTATUS"
    })
    void a_status_is_delivered_only_when_it_is_2xx(int status, Reason reason) {
        sink.on("/hook", Answer.status(status, "Location", sink.url("/elsewhere")));
        Outcome outcome = send(sink.url("/hook"));

        assertThat(outcome.status()).isEqualTo(status);
        assertThat(outcome.failure()).isEqualTo(reason);
        assertThat(text(outcome.responseHeaders())).contains("Location: " + sink.url("/elsewhere") + "\r\n");
        assertThat(sink.requests("/elsewhere")).isEmpty();
    }

    @Test
    void interim_answers_are_skipped() {
        sink.on(
                "/hook",
                Answer.raw("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
                        .then(Answer.status(200)));
        assertThat(send(sink.url("/hook")).failure()).isNull();
    }

    @Test
    void the_answers_head_and_body_are_kept_byte_for_byte() {
        byte[] body = {0, (byte) 0xff, (byte) 0xc3, 10};
        sink.on("/hook", Answer.status(500, body, "X-Word", "café"));
        Outcome outcome = send(sink.url("/hook"));

        assertThat(outcome.responseBody()).isEqualTo(body);
        assertThat(text(outcome.responseHeaders())).isEqualTo("X-Word: café\r\nContent-Length: 4\r\n");
        assertThat(outcome.truncated()).isFalse();
    }

    @Test
    void retry_after_is_read_from_failures_only() {
        sink.on("/busy", Answer.status(503, "Retry-After", "120"));
        sink.on("/fine", Answer.status(200, "Retry-After", "120"));
        sink.on("/garbage", Answer.status(503, "Retry-After", "soon"));
        assertThat(send(sink.url("/busy")).retryAfter()).isEqualTo(Duration.ofSeconds(120));
        assertThat(send(sink.url("/fine")).retryAfter()).isNull();
        assertThat(send(sink.url("/garbage")).retryAfter()).isNull();
    }

    @Test
    void of_a_body_16_kib_are_kept() {
        sink.on("/exact", Answer.status(500, new byte[16 * 1024]));
        sink.on("/over", Answer.status(500, new byte[16 * 1024 + 1]));
        Outcome exact = send(sink.url("/exact"));
        Outcome over = send(sink.url("/over"));
        assertThat(exact.responseBody()).hasSize(16 * 1024);
        assertThat(exact.truncated()).isFalse();
        assertThat(over.responseBody()).hasSize(16 * 1024);
        assertThat(over.truncated()).isTrue();
    }

    @Test
    void an_endless_body_is_cut_and_its_2xx_counts() {
        sink.on("/hook", Answer.endlessBody());
        Outcome outcome = send(sink.url("/hook"));
        assertThat(outcome.failure()).isNull();
        assertThat(outcome.status()).isEqualTo(200);
        assertThat(outcome.responseBody()).hasSize(16 * 1024);
        assertThat(outcome.truncated()).isTrue();
    }

    @Test
    void of_many_headers_50_are_kept() {
        String[] headers = new String[120];
        for (int i = 0; i < headers.length; i += 2) {
            headers[i] = "X-" + i;
            headers[i + 1] = "v";
        }
        sink.on("/hook", Answer.status(200, headers));
        Outcome outcome = send(sink.url("/hook"));
        assertThat(text(outcome.responseHeaders()).split("\r\n")).hasSize(50);
        assertThat(outcome.truncated()).isTrue();
    }

    private static Stream<Arguments> credentials() {
        return Stream.of(
                arguments(new Credential.Plain("user", "päss word"), "Authorization", "Basic dXNlcjpww6RzcyB3b3Jk"),
                arguments(new Credential.AccessToken("a.token-of+mine/="), "Authorization", "Bearer a.token-of+mine/="),
                arguments(new Credential.Header("X-Api-Key", "a key of mine"), "X-Api-Key", "a key of mine"));
    }

    @ParameterizedTest
    @MethodSource("credentials")
    void what_a_receiver_echoes_of_its_credential_is_not_kept(Credential credential, String header, String value) {
        sink.on("/hook", (request, socket) -> {
            String sent = request.header(header);
            Answer.status(500, ("got " + sent + " as user:päss word").getBytes(UTF_8), "X-Echo", "<" + sent + ">")
                    .give(request, socket);
        });
        Outcome outcome = send(subscription(sink.url("/hook"), settings(LONG), credential));

        assertThat(sink.requests().get(0).header(header)).isEqualTo(value);
        String secret = value.replaceFirst("^(Basic|Bearer) ", "");
        String password = credential instanceof Credential.Plain ? "(hidden)" : "päss word";
        assertThat(new String(outcome.responseBody(), UTF_8))
                .isEqualTo("got " + value.replace(secret, "(hidden)") + " as user:" + password);
        assertThat(text(outcome.responseHeaders()))
                .startsWith("X-Echo: <" + value.replace(secret, "(hidden)") + ">\r\n");
    }

    @Test
    void a_credential_that_is_no_longer_than_a_word_does_not_blot_words_out() {
        sink.on("/hook", Answer.status(500, "this is a test".getBytes(UTF_8)));
        Outcome outcome =
                send(subscription(sink.url("/hook"), settings(LONG), new Credential.Header("X-Api-Key", "test")));

        assertThat(text(outcome.responseBody())).isEqualTo("this is a test");
    }
}
