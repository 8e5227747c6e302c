package dev.fanfare.attempt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fanfare.delivery.Outcome;
import dev.fanfare.delivery.Reason;
import dev.fanfare.testing.FakeSink.Answer;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Receivers that break the rules of HTTP. Each answer has its verdict; what is kept of it is bounded, and its connection
 * carries nothing else.
 */
class HostileReceiverTest extends AttempterFixture {
    private static final int MIB = 1 << 20;
    private static final int MOST_KEPT = 24 * 1024;
    private static final Duration TIMEOUT = Duration.ofMillis(250);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    /** What is sent, and then the connection stays open; the reason; the status. */
    static Stream<Arguments> answers() {
        return Stream.of(
                Arguments.of("nothing", "", Reason.TIMEOUT, 0),
                Arguments.of("an interim answer only", "HTTP/1.1 100 Continue\r\n\r\n", Reason.TIMEOUT, 0),
                Arguments.of("hints only", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", Reason.TIMEOUT, 0),
                Arguments.of("switching protocols", "HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n", Reason.HTTPSTATUS, 101),
                Arguments.of("half a status line", "HTTP/1.1 20", Reason.TIMEOUT, 0),
                Arguments.of("a huge status line", "HTTP/1.1 200 " + "k".repeat(MIB), Reason.NOTHTTP, 0),
                Arguments.of("a huge header", head("X-Huge: " + "h".repeat(MIB)), Reason.NOTHTTP, 0),
                Arguments.of("a huge name", head("h".repeat(MIB) + ": x"), Reason.NOTHTTP, 0),
                Arguments.of("headers over the limit", head("X: 456789\r\n".repeat(1000) + "Y: z"), Reason.NOTHTTP, 0),
                Arguments.of("NUL in a value", head("X-A: a\0b\r\nContent-Length: 0"), Reason.NOTHTTP, 0),
                Arguments.of("NUL in a name", head("X\0A: ab\r\nContent-Length: 0"), Reason.NOTHTTP, 0),
                Arguments.of("a header without colon", head("nonsense\r\nContent-Length: 0"), Reason.NOTHTTP, 0),
                Arguments.of("two lengths", head("Content-Length: 0\r\nContent-Length: 5"), Reason.NOTHTTP, 0),
                Arguments.of("a negative length", head("Content-Length: -5"), Reason.NOTHTTP, 0),
                Arguments.of("a length that is no number", head("Content-Length: five"), Reason.NOTHTTP, 0),
                Arguments.of("an endless length", head("Content-Length: " + "9".repeat(40)), Reason.NOTHTTP, 0),
                Arguments.of(
                        "length and chunks",
                        head("Content-Length: 5\r\nTransfer-Encoding: chunked"),
                        Reason.NOTHTTP,
                        0),
                Arguments.of("HTTP/2 without being asked", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Reason.NOTHTTP, 0),
                Arguments.of("HTTP/9.9", "HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n", Reason.NOTHTTP, 0),
                Arguments.of("a body that never comes", head("Content-Length: 5"), null, 200),
                Arguments.of(
                        "a failure whose body never comes",
                        "HTTP/1.1 500 X\r\nContent-Length: 5\r\n\r\n",
                        Reason.HTTPSTATUS,
                        500),
                Arguments.of("a body until the end of the connection", head("Connection: close") + "ok", null, 200),
                Arguments.of("chunks of no size", CHUNKED + "zz\r\nhello\r\n", null, 200),
                Arguments.of("chunks of a negative size", CHUNKED + "-5\r\nhello\r\n", null, 200),
                Arguments.of("chunks of a huge size", CHUNKED + "ffffffffffffffff\r\nhello\r\n", null, 200),
                Arguments.of("chunks that are longer than they say", CHUNKED + "2\r\nhello\r\n0\r\n\r\n", null, 200),
                Arguments.of("chunks without an end", CHUNKED + "5\r\nhello\r\n", null, 200));
    }

    private static String head(String headers) {
        return "HTTP/1.1 200 OK\r\n" + headers + "\r\n\r\n";
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("answers")
    void a_broken_answer_has_a_verdict_and_its_connection_is_closed(
            String name, String answer, Reason reason, int status) {
        sink.on("/hook", Answer.raw(answer));
        Outcome outcome = attempt("/hook");

        assertThat(outcome.failure()).isEqualTo(reason);
        assertThat(outcome.status()).isEqualTo(status);
        assertThat(outcome.responseBytes()).isLessThanOrEqualTo(MOST_KEPT);
        connectionsAreClosed();
        assertThat(sink.requests()).hasSize(1);
    }

    /** First, again and again, the reason, the status. */
    static Stream<Arguments> floods() {
        return Stream.of(
                Arguments.of("header lines", "HTTP/1.1 200 OK\r\n", "X-More: and-more\r\n", Reason.NOTHTTP, 0),
                Arguments.of("one header line", "HTTP/1.1 200 OK\r\nX: ", "x", Reason.NOTHTTP, 0),
                Arguments.of("a status line", "HTTP/1.1 200 ", "k", Reason.NOTHTTP, 0),
                Arguments.of("a folded header", "HTTP/1.1 200 OK\r\nX: x\r\n", " x\r\n", Reason.NOTHTTP, 0),
                Arguments.of("chunks", CHUNKED, "5\r\nhello\r\n", null, 200),
                Arguments.of("one chunk", CHUNKED + "7fffffff\r\n", "x", null, 200),
                Arguments.of("a size of a chunk", CHUNKED, "0", null, 200),
                Arguments.of("an extension of a chunk", CHUNKED + "5;", "x", null, 200),
                Arguments.of("trailers", CHUNKED + "0\r\n", "X-More: and-more\r\n", null, 200),
                Arguments.of("a body of unknown length", "HTTP/1.1 500 X\r\n\r\n", "x", Reason.HTTPSTATUS, 500),
                Arguments.of("a body by its length", head("Content-Length: 9999999999999"), "x", null, 200));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("floods")
    void what_has_no_end_is_cut_before_it_fills_the_memory(
            String name, String first, String piece, Reason reason, int status) {
        AtomicLong sent = new AtomicLong();
        sink.on("/hook", flood(first, piece, sent));
        Outcome outcome = attempt("/hook");

        assertThat(outcome.failure()).isEqualTo(reason);
        assertThat(outcome.status()).isEqualTo(status);
        assertThat(outcome.responseBytes()).isLessThanOrEqualTo(MOST_KEPT);
        assertThat(outcome.truncated()).isEqualTo(status != 0);
        connectionsAreClosed();
        // most of it is in the buffers of the kernel
        assertThat(sent.get()).isLessThan(32L * MIB);
    }

    /** The client skips 100 and 103, and takes any other of the kind for the answer (RFC 9110 §15.2 would skip it). */
    static Stream<Arguments> interims() {
        return Stream.of(
                Arguments.of("100", "HTTP/1.1 100 Continue\r\n\r\n", Reason.TIMEOUT, 0),
                Arguments.of("103", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", Reason.TIMEOUT, 0),
                Arguments.of("102", "HTTP/1.1 102 Processing\r\n\r\n", Reason.HTTPSTATUS, 102),
                Arguments.of("199", "HTTP/1.1 199 Nobody\r\n\r\n", Reason.HTTPSTATUS, 199));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("interims")
    void interim_answers_without_end_are_never_a_success(String name, String interim, Reason reason, int status) {
        sink.on("/hook", flood("", interim, new AtomicLong()));
        Outcome outcome = attempt("/hook");
        assertThat(outcome.failure()).isEqualTo(reason);
        assertThat(outcome.status()).isEqualTo(status);
        assertThat(outcome.responseBytes()).isLessThanOrEqualTo(MOST_KEPT);
        connectionsAreClosed();
    }

    /** As fast as it is read. */
    private static Answer flood(String first, String piece, AtomicLong sent) {
        Buffer more = Buffer.buffer(piece.repeat(Math.max(1, 4096 / piece.length())), "ISO-8859-1");
        return (request, socket) -> {
            socket.write(first, "ISO-8859-1");
            pour(socket, more, sent);
        };
    }

    private static void pour(NetSocket socket, Buffer more, AtomicLong sent) {
        sent.addAndGet(more.length());
        Context context = Vertx.currentContext();
        socket.write(more.copy()).onSuccess(written -> context.runOnContext(next -> pour(socket, more, sent)));
    }

    @Test
    void a_body_that_drips_ends_at_the_timeout_and_the_head_decides() {
        sink.on("/hook", Answer.drip(sink.vertx(), "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nx", 1));
        Outcome outcome = send(subscription(sink.url("/hook"), settings(Duration.ofMillis(500)), null));
        assertThat(outcome.failure()).isNull();
        assertThat(outcome.truncated()).isTrue();
        connectionsAreClosed();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("olderAnswers")
    void http_1_0_is_understood_and_its_connection_is_not_kept(String name, String answer, String body) {
        sink.on("/hook", Answer.raw(answer).then(Answer.close()));
        Outcome outcome = attempt("/hook");
        assertThat(outcome.failure()).isNull();
        assertThat(text(outcome.responseBody())).isEqualTo(body);
        assertThat(outcome.truncated()).isFalse();
        connectionsAreClosed();
    }

    static Stream<Arguments> olderAnswers() {
        return Stream.of(
                Arguments.of("with a length", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok"),
                Arguments.of("until the end", "HTTP/1.0 200 OK\r\n\r\nas long as it takes", "as long as it takes"),
                Arguments.of("of nothing", "HTTP/1.0 200 OK\r\n\r\n", ""));
    }

    @Test
    void a_compressed_bomb_is_kept_as_it_came_up_to_the_limit() {
        byte[] bomb = gzip(64 * MIB);
        sink.on("/hook", Answer.status(200, bomb, "Content-Encoding", "gzip"));
        Outcome outcome = attempt("/hook");
        assertThat(outcome.failure()).isNull();
        assertThat(outcome.responseBody()).isEqualTo(Arrays.copyOf(bomb, 16 * 1024));
        assertThat(outcome.truncated()).isTrue();
    }

    private static byte[] gzip(int zeros) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            for (int n = 0; n < zeros / MIB; n++) {
                zip.write(new byte[MIB]);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    @Test
    void broken_utf_8_in_headers_is_kept_byte_for_byte() {
        String value = "\u00c3\u0028 \u00ff\u00fe \u00ed\u00a0\u0080";
        sink.on("/hook", Answer.status(500, "X-Broken", value));
        Outcome outcome = attempt("/hook");
        assertThat(outcome.failure()).isEqualTo(Reason.HTTPSTATUS);
        assertThat(text(outcome.responseHeaders())).contains("X-Broken: " + value + "\r\n");
    }

    private void connectionsAreClosed() {
        await().pollInterval(Duration.ofMillis(5)).until(() -> sink.openConnections() == 0);
    }

    private Outcome attempt(String path) {
        return send(subscription(sink.url(path), settings(TIMEOUT), null));
    }
}
