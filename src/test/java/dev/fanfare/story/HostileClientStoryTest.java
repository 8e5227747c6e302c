package dev.fanfare.story;

import static dev.fanfare.story.RawClient.KEY;
import static dev.fanfare.story.RawClient.head;
import static dev.fanfare.story.RawClient.length;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that are slow, lie or do not listen, over plain sockets. */
@QuarkusTest
class HostileClientStoryTest extends Story {
    private static final int MIB = 1 << 20;

    @Test
    void a_body_that_drips_for_longer_than_the_read_timeout_is_cut_off() throws IOException {
        try (RawClient client = RawClient.connect()) {
            client.send(head(KEY, STRUCTURED, "Content-Length: 100000\r\n"));
            client.socket.setSoTimeout(100);
            boolean cut = false;
            // far more drops than the read timeout has room for, far fewer than the body
            for (int drops = 0; !cut && drops < 300; drops++) {
                cut = isCut(client);
            }
            assertThat(cut).isTrue();
        }
        assertThat(stored()).isZero();
    }

    /** Sends one byte and waits a moment for the end of the connection. */
    private static boolean isCut(RawClient client) throws IOException {
        try {
            client.send(" ");
            return client.socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException stillOpen) {
            return false;
        } catch (SocketException reset) {
            return true;
        }
    }

    @Test
    void others_are_served_while_many_drip() throws IOException {
        List<RawClient> dripping = new ArrayList<>();
        try {
            for (int n = 0; n < 200; n++) {
                RawClient client = RawClient.connect();
                dripping.add(client);
                client.send(head(KEY, STRUCTURED, "Content-Length: 1000\r\n") + "{");
            }
            publish("1");
            assertThat(stored()).isEqualTo(1);
        } finally {
            for (RawClient client : dripping) {
                client.close();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Authorization: Bearer wrong, application/cloudevents+json, 401",
        "KEY, application/cloudevents+json, 413",
        "KEY, text/plain, 415",
    })
    void a_client_that_writes_all_before_it_reads_sees_the_early_answer(String key, String contentType, int status)
            throws IOException {
        int size = 20 * MIB;
        try (RawClient client = RawClient.connect()) {
            client.send(head(key.equals("KEY") ? KEY : key + "\r\n", contentType, "Content-Length: " + size + "\r\n"));
            byte[] piece = new byte[MIB];
            for (int sent = 0; sent < size; sent += piece.length) {
                client.send(piece);
            }
            assertThat(client.readHead()).startsWith("HTTP/1.1 " + status + " ");
        }
    }

    @Test
    void a_client_that_expects_100_continue_gets_it_before_its_body() throws IOException {
        String event = event("e-1", "1");
        try (RawClient client = RawClient.connect()) {
            client.send(head(KEY, STRUCTURED, "Expect: 100-continue\r\n" + length(event)));
            assertThat(client.readHead()).startsWith("HTTP/1.1 100 ");
            client.send(event);
            assertThat(client.readHead()).startsWith("HTTP/1.1 202 ");
        }
        assertThat(stored()).isEqualTo(1);
    }

    @Test
    void a_client_that_expects_100_continue_and_has_no_key_is_refused_before_its_body() throws IOException {
        try (RawClient client = RawClient.connect()) {
            client.send(head("", STRUCTURED, "Expect: 100-continue\r\nContent-Length: 1000\r\n"));
            assertThat(client.readHead()).startsWith("HTTP/1.1 401 ");
        }
    }

    @Test
    void a_body_shorter_than_its_content_length_stores_nothing_and_gives_its_memory_back() throws IOException {
        for (int n = 0; n < 20; n++) {
            try (RawClient client = RawClient.connect()) {
                // together more than all the memory for requests
                client.send(head(KEY, BATCH, "Content-Length: " + 8 * MIB + "\r\n") + "[" + event("e-" + n, "1"));
                client.socket.shutdownOutput();
                assertThat(client.readHead()).doesNotContain(" 202 ");
            }
        }
        publish("1");
        assertThat(stored()).isEqualTo(1);
    }

    @Test
    void what_follows_a_body_longer_than_its_content_length_is_no_event() throws IOException {
        String event = event("e-1", "1");
        try (RawClient client = RawClient.connect()) {
            client.send(head(KEY, STRUCTURED, length(event)) + event + event("e-2", "2") + "\r\n\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 202 ");
        }
        publish("1");
        assertThat(stored()).isEqualTo(2);
        assertThat(count("event where source = ? and ce_id = 'e-2'", source)).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "Content-Length: -1",
        "Content-Length: abc",
        "Content-Length: 99999999999999999999",
        "Content-Length: 5~Content-Length: 6",
    })
    void a_content_length_that_cannot_be_is_no_202(String headers) throws IOException {
        try (RawClient client = RawClient.connect()) {
            client.send(head(KEY, STRUCTURED, headers.replace("~", "\r\n") + "\r\n") + event("e-1", "1"));
            assertThat(client.readHead()).startsWith("HTTP/1.1 4");
        }
        assertThat(stored()).isZero();
    }

    @Test
    void two_events_on_one_connection_are_answered_in_order() throws IOException {
        String first = event("e-1", "1");
        String second = event("e-2", "2");
        try (RawClient client = RawClient.connect()) {
            client.send(head(KEY, STRUCTURED, length(first)) + first + head(KEY, STRUCTURED, length(second)) + second);
            assertThat(client.readAnswer()).contains("\"id\":\"e-1\"");
            assertThat(client.readAnswer()).contains("\"id\":\"e-2\"");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Transfer-Encoding: chunked",
                "transfer-encoding:chunked",
                "TRANSFER-ENCODING: \tChunked \t",
                "Content-Length: LENGTH",
                "content-length:LENGTH",
                "Content-Length:\t000LENGTH \t",
            })
    void what_can_be_read_in_one_way_only_is_served_and_so_is_what_follows(String header) throws IOException {
        String event = event("outer", "1");
        String body = header.toLowerCase().startsWith("transfer")
                ? Integer.toHexString(event.length()) + ";ext=\"1\"\r\n" + event + "\r\n0\r\nX-Trailer: x\r\n\r\n"
                : event;
        String lines = header.replace("LENGTH", Integer.toString(event.length())) + "\r\n";
        try (RawClient client = RawClient.connect()) {
            client.send(head(KEY, STRUCTURED, lines)
                    + body
                    + head(KEY, STRUCTURED, length(event))
                    + event.replace("outer", "inner"));
            assertThat(client.readAnswer()).startsWith("HTTP/1.1 202 ");
            assertThat(client.readAnswer()).startsWith("HTTP/1.1 202 ");
        }
        assertThat(stored()).isEqualTo(2);
    }

    private long stored() {
        return count("event where source = ?", source);
    }
}
