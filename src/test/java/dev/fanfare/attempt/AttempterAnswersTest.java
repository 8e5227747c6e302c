package dev.fanfare.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.delivery.Outcome;
import dev.fanfare.delivery.Reason;
import dev.fanfare.testing.FakeSink.Answer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
}
