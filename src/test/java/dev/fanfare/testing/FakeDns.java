package dev.fanfare.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A name server on a loopback UDP port: IPv4 addresses by name, NXDOMAIN for others, silence where told. */
public final class FakeDns implements AutoCloseable {

    private static final int TYPE_A = 1;
    private static final int NXDOMAIN = 3;

    private final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    private final Map<String, List<String>> names = new ConcurrentHashMap<>();
    private final AtomicInteger questions = new AtomicInteger();
    private volatile boolean silent;

    public FakeDns() throws SocketException {
        Thread thread = new Thread(this::serve, "fake-dns");
        thread.setDaemon(true);
        thread.start();
    }

    public FakeDns name(String name, String... addresses) {
        names.put(name, List.of(addresses));
        return this;
    }

    public FakeDns silent() {
        silent = true;
        return this;
    }

    /** How many questions for IPv4 addresses came. */
    public int questions() {
        return questions.get();
    }

    /** As {@code fanfare.attempt.name-servers} has it. */
    public String server() {
        return "127.0.0.1:" + socket.getLocalPort();
    }

    @Override
    public void close() {
        socket.close();
    }

    private void serve() {
        byte[] buffer = new byte[1500];
        while (!socket.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                byte[] answer = answer(Arrays.copyOf(buffer, packet.getLength()));
                if (!silent) {
                    socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            } catch (IOException e) {
                return;
            }
        }
    }

    /** RFC 1035 §4.1: the header, the one question as it came, and the answers pointing to its name. */
    private byte[] answer(byte[] query) throws IOException {
        StringBuilder name = new StringBuilder();
        int at = 12;
        while (query[at] != 0) {
            name.append(name.isEmpty() ? "" : ".").append(new String(query, at + 1, query[at], "US-ASCII"));
            at += query[at] + 1;
        }
        int questionEnds = at + 5;
        boolean ipv4 = query[at + 2] == TYPE_A;
        if (ipv4) {
            questions.incrementAndGet();
        }
        List<String> known = names.get(name.toString());
        List<String> addresses = known == null || !ipv4 ? List.of() : known;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(query, 0, 2);
        out.writeBytes(new byte[] {(byte) 0x81, (byte) (0x80 | (known == null ? NXDOMAIN : 0)), 0, 1});
        out.writeBytes(new byte[] {0, (byte) addresses.size(), 0, 0, 0, 0});
        out.write(query, 12, questionEnds - 12);
        for (String address : addresses) {
            out.writeBytes(new byte[] {(byte) 0xc0, 12, 0, TYPE_A, 0, 1, 0, 0, 0, 1, 0, 4});
            out.writeBytes(InetAddress.getByName(address).getAddress());
        }
        return out.toByteArray();
    }
}
