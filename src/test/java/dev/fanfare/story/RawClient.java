package dev.fanfare.story;

import dev.fanfare.testing.FanfareTestResource;
import io.restassured.RestAssured;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/** A connection to the server over which anything can be written; texts are their bytes in ISO-8859-1. */
final class RawClient implements AutoCloseable {
    /** The headers of an operator of the stories' tenant. */
    static final String KEY = "Authorization: Bearer " + FanfareTestResource.OPERATOR_KEY + "\r\nFanfare-Tenant: "
            + Story.TENANT + "\r\n";

    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3}) ");
    private static final int PATIENCE_MILLIS = 20_000;

    final Socket socket = new Socket();

    private RawClient() {}

    static RawClient connect() throws IOException {
        return connect(64 << 10);
    }

    /** @param receiveBuffer bytes that the kernel takes for a client that does not read */
    static RawClient connect(int receiveBuffer) throws IOException {
        RawClient client = new RawClient();
        client.socket.setReceiveBufferSize(receiveBuffer);
        client.socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), RestAssured.port));
        client.socket.setSoTimeout(PATIENCE_MILLIS);
        return client;
    }

    /** The head of a POST of events; {@code more} are whole lines. */
    static String head(String key, String contentType, String more) {
        return "POST /v1/events HTTP/1.1\r\nHost: localhost\r\n" + key + "Content-Type: " + contentType + "\r\n" + more
                + "\r\n";
    }

    static String length(String body) {
        return "Content-Length: " + body.length() + "\r\n";
    }

    RawClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    RawClient send(byte[] bytes) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(bytes);
        out.flush();
        return this;
    }

    /** The head of the next answer; empty when the connection ends. */
    String readHead() throws IOException {
        StringBuilder head = new StringBuilder();
        InputStream in = socket.getInputStream();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return head.toString();
            }
            head.append((char) next);
        }
        return head.toString();
    }

    /** The next answer, which must have a Content-Length. */
    String readAnswer() throws IOException {
        String head = readHead();
        String length = head.replaceAll("(?is).*content-length: (\\d+).*", "$1");
        return head
                + new String(socket.getInputStream().readNBytes(Integer.parseInt(length)), StandardCharsets.ISO_8859_1);
    }

    /** All that comes until the server ends the connection; fails when it does not. */
    String readToEnd() throws IOException {
        StringBuilder all = new StringBuilder();
        byte[] some = new byte[4096];
        try {
            InputStream in = socket.getInputStream();
            for (int n = in.read(some); n >= 0; n = in.read(some)) {
                all.append(new String(some, 0, n, StandardCharsets.ISO_8859_1));
            }
        } catch (SocketException reset) {
            // an end all the same
        }
        return all.toString();
    }

    /** The statuses of all answers in a text. */
    static List<Integer> statuses(String answers) {
        return STATUS.matcher(answers)
                .results()
                .map(status -> Integer.valueOf(status.group(1)))
                .toList();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
