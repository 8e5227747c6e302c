package dev.fanfare.story;

import static dev.fanfare.story.RawClient.KEY;
import static dev.fanfare.story.RawClient.head;
import static dev.fanfare.story.RawClient.statuses;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that hold a connection or fill the server's memory without ever coming to an end. */
@QuarkusTest
class SlowClientStoryTest extends Story {
    private static final int MIB = 1 << 20;
    private static final int MOST_SENT = 64 * MIB;

    @Test
    void a_head_that_drips_and_a_connection_that_says_nothing_are_cut_off() throws IOException {
        try (RawClient dripping = RawClient.connect();
                RawClient silent = RawClient.connect();
                RawClient done = RawClient.connect()) {
            done.send("GET /v1/nothing HTTP/1.1\r\nHost: localhost\r\n\r\n");
            dripping.send("POST /v1/events HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
            dripping.socket.setSoTimeout(200);
            boolean cut = false;
            // far more drops than the idle timeout has room for
            for (int drops = 0; !cut && drops < 200; drops++) {
                cut = isCut(dripping);
            }
            assertThat(cut).isTrue();
            assertThat(silent.readToEnd()).isEmpty();
            assertThat(statuses(done.readToEnd())).containsExactly(404);
        }
    }

    /** Sends one byte and waits a moment for the end of the connection. */
    private static boolean isCut(RawClient client) throws IOException {
        try {
            return client.send("x").socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException stillOpen) {
            return false;
        } catch (SocketException reset) {
            return true;
        }
    }

    /** Each answer is larger than its request: unread ones would fill the memory. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /v1/nothing HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
            })
    void who_asks_on_and_never_reads_the_answers_is_cut_off(String request) throws IOException {
        try (RawClient client = RawClient.connect(4096)) {
            assertThat(isCutWhileSending(client, request)).isTrue();
        }
        publish("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Trailer: and-more\r\n", "X: x"})
    void trailers_without_end_are_cut_off_and_no_event(String trailer) throws IOException {
        String event = event("1", "1");
        endless(Integer.toHexString(event.length()) + "\r\n" + event + "\r\n0\r\n", trailer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "5;a=", ";x"})
    void a_size_of_a_chunk_without_end_is_cut_off_and_no_event(String piece) throws IOException {
        endless("", piece);
    }

    @Test
    void chunks_without_an_end_are_413_and_then_cut_off() throws IOException {
        try (RawClient client = RawClient.connect()) {
            client.send(head(KEY, STRUCTURED, "Transfer-Encoding: chunked\r\n"));
            String chunk = "1000\r\n" + "x".repeat(4096) + "\r\n";
            client.send(chunk.repeat(2 * MIB / 4096));
            assertThat(client.readHead()).startsWith("HTTP/1.1 413 ");
            assertThat(isCutWhileSending(client, chunk)).isTrue();
        }
        assertThat(count("event where source = ?", source)).isZero();
    }

    /** A chunked request that never ends; nothing of it is stored, and nobody reads it for ever. */
    private void endless(String first, String piece) throws IOException {
        try (RawClient client = RawClient.connect()) {
            client.send(head(KEY, STRUCTURED, "Transfer-Encoding: chunked\r\n") + first);
            assertThat(isCutWhileSending(client, piece)).isTrue();
        }
        assertThat(count("event where source = ?", source)).isZero();
    }

    private static boolean isCutWhileSending(RawClient client, String piece) throws IOException {
        byte[] many = piece.repeat(1 + 65_536 / piece.length()).getBytes(StandardCharsets.US_ASCII);
        for (int sent = 0; sent < MOST_SENT; sent += many.length) {
            try {
                client.send(many);
            } catch (SocketException reset) {
                return true;
            }
        }
        return false;
    }
}
