package dev.fanfare.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.testing.FanfareTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients that are slow, lie or do not listen, over plain sockets. */
@QuarkusTest
class HostileClientStoryTest extends Story {
    private static final String KEY =
            "Authorization: Bearer " + FanfareTestResource.OPERATOR_KEY + "\r\nFanfare-Tenant: " + TENANT + "\r\n";
    private static final int MIB = 1 << 20;

    @Test
    void a_body_that_drips_for_longer_than_the_read_timeout_is_cut_off() throws IOException {
        try (Socket client = connect()) {
            write(client, head(KEY, STRUCTURED, "Content-Length: 100000\r\n"));
            client.setSoTimeout(100);
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
    private static boolean isCut(Socket client) throws IOException {
        try {
            client.getOutputStream().write(' ');
            return client.getInputStream().read() < 0;
        } catch (SocketTimeoutException stillOpen) {
            return false;
        } catch (SocketException reset) {
            return true;
        }
    }

    @Test
    void others_are_served_while_many_drip() throws IOException {
        List<Socket> dripping = new ArrayList<>();
        try {
            for (int n = 0; n < 200; n++) {
                Socket client = connect();
                dripping.add(client);
                write(client, head(KEY, STRUCTURED, "Content-Length: 1000\r\n") + "{");
            }
            publish("1");
            assertThat(stored()).isEqualTo(1);
        } finally {
            for (Socket client : dripping) {
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
        try (Socket client = connect()) {
            write(
                    client,
                    head(key.equals("KEY") ? KEY : key + "\r\n", contentType, "Content-Length: " + size + "\r\n"));
            byte[] piece = new byte[MIB];
            for (int sent = 0; sent < size; sent += piece.length) {
                client.getOutputStream().write(piece);
            }
            assertThat(readHead(client)).startsWith("HTTP/1.1 " + status + " ");
        }
    }

    @Test
    void a_client_that_expects_100_continue_gets_it_before_its_body() throws IOException {
        String event = event("e-1", "1");
        try (Socket client = connect()) {
            write(client, head(KEY, STRUCTURED, "Expect: 100-continue\r\n" + length(event)));
            assertThat(readHead(client)).startsWith("HTTP/1.1 100 ");
            write(client, event);
            assertThat(readHead(client)).startsWith("HTTP/1.1 202 ");
        }
        assertThat(stored()).isEqualTo(1);
    }

    @Test
    void a_client_that_expects_100_continue_and_has_no_key_is_refused_before_its_body() throws IOException {
        try (Socket client = connect()) {
            write(client, head("", STRUCTURED, "Expect: 100-continue\r\nContent-Length: 1000\r\n"));
            assertThat(readHead(client)).startsWith("HTTP/1.1 401 ");
        }
    }

    @Test
    void a_body_shorter_than_its_content_length_stores_nothing_and_gives_its_memory_back() throws IOException {
        for (int n = 0; n < 20; n++) {
            try (Socket client = connect()) {
                // together more than all the memory for requests
                write(client, head(KEY, BATCH, "Content-Length: " + 8 * MIB + "\r\n") + "[" + event("e-" + n, "1"));
                client.shutdownOutput();
                assertThat(readHead(client)).doesNotContain(" 202 ");
            }
        }
        publish("1");
        assertThat(stored()).isEqualTo(1);
    }

    @Test
    void what_follows_a_body_longer_than_its_content_length_is_no_event() throws IOException {
        String event = event("e-1", "1");
        try (Socket client = connect()) {
            write(client, head(KEY, STRUCTURED, length(event)) + event + event("e-2", "2") + "\r\n\r\n");
            assertThat(readHead(client)).startsWith("HTTP/1.1 202 ");
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
        try (Socket client = connect()) {
            write(client, head(KEY, STRUCTURED, headers.replace("~", "\r\n") + "\r\n") + event("e-1", "1"));
            assertThat(readHead(client)).startsWith("HTTP/1.1 4");
        }
        assertThat(stored()).isZero();
    }

    @Test
    void two_events_on_one_connection_are_answered_in_order() throws IOException {
        String first = event("e-1", "1");
        String second = event("e-2", "2");
        try (Socket client = connect()) {
            write(
                    client,
                    head(KEY, STRUCTURED, length(first)) + first + head(KEY, STRUCTURED, length(second)) + second);
            assertThat(readAnswer(client)).contains("\"id\":\"e-1\"");
            assertThat(readAnswer(client)).contains("\"id\":\"e-2\"");
        }
    }

    private long stored() {
        return count("event where source = ?", source);
    }

    private static Socket connect() throws IOException {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), RestAssured.port);
        client.setSoTimeout(20_000);
        return client;
    }

    private static String head(String key, String contentType, String more) {
        return "POST /v1/events HTTP/1.1\r\nHost: localhost\r\n" + key + "Content-Type: " + contentType + "\r\n" + more
                + "\r\n";
    }

    private static String length(String body) {
        return "Content-Length: " + body.length() + "\r\n";
    }

    private static void write(Socket client, String text) throws IOException {
        OutputStream out = client.getOutputStream();
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    /** The head of the next answer; empty when the connection ends. */
    private static String readHead(Socket client) throws IOException {
        StringBuilder head = new StringBuilder();
        InputStream in = client.getInputStream();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return head.toString();
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private static String readAnswer(Socket client) throws IOException {
        String head = readHead(client);
        String length = head.replaceAll("(?is).*content-length: (\\d+).*", "$1");
        return new String(client.getInputStream().readNBytes(Integer.parseInt(length)), StandardCharsets.US_ASCII);
    }
}
