package dev.fanfare.testing;

import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A name server on a loopback UDP port: addresses of both families and aliases by name, NXDOMAIN for others, silence where
 * told. An answer has the whole chain of aliases, as that of a recursive server does.
 */
public final class FakeDns implements AutoCloseable {

    private static final int TYPE_A = 1;
    private static final int TYPE_CNAME = 5;
    private static final int TYPE_AAAA = 28;
    private static final int NXDOMAIN = 3;
    private static final int LONGEST_CHAIN = 16;

    private final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    private final Map<String, Deque<List<IPAddress>>> names = new ConcurrentHashMap<>();
    private final Map<String, String> aliases = new ConcurrentHashMap<>();
    private final AtomicInteger questions = new AtomicInteger();
    private volatile boolean silent;

    public FakeDns() throws SocketException {
        Thread thread = new Thread(this::serve, "fake-dns");
        thread.setDaemon(true);
        thread.start();
    }

    public FakeDns name(String name, String... addresses) {
        return changing(name, List.of(addresses));
    }

    /** The first addresses for the first question for an IPv4 address, and so on; the last ones for ever. */
    @SafeVarargs
    public final FakeDns changing(String name, List<String>... inTurn) {
        Deque<List<IPAddress>> answers = new ArrayDeque<>();
        for (List<String> addresses : inTurn) {
            answers.add(addresses.stream()
                    .map(address -> new IPAddressString(address).getAddress())
                    .toList());
        }
        names.put(name, answers);
        return this;
    }

    /** A CNAME. */
    public FakeDns alias(String name, String target) {
        aliases.put(name, target);
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

    /** RFC 1035 §4.1: the header, the one question as it came, the aliases and the addresses. */
    private byte[] answer(byte[] query) {
        StringBuilder name = new StringBuilder();
        int at = 12;
        while (query[at] != 0) {
            name.append(name.isEmpty() ? "" : ".")
                    .append(new String(query, at + 1, query[at], StandardCharsets.US_ASCII));
            at += query[at] + 1;
        }
        int questionEnds = at + 5;
        int type = query[at + 2];
        if (type == TYPE_A) {
            questions.incrementAndGet();
        }
        List<byte[]> records = new ArrayList<>();
        String owner = name.toString();
        while (aliases.containsKey(owner) && records.size() < LONGEST_CHAIN) {
            String target = aliases.get(owner);
            records.add(record(owner, TYPE_CNAME, encoded(target)));
            owner = target;
        }
        Deque<List<IPAddress>> answers = names.get(owner);
        for (IPAddress address : answers == null ? List.<IPAddress>of() : inTurn(answers, type)) {
            if (type == (address.isIPv4() ? TYPE_A : TYPE_AAAA)) {
                records.add(record(owner, type, address.getBytes()));
            }
        }
        boolean unknown = answers == null && records.isEmpty();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(query, 0, 2);
        out.writeBytes(new byte[] {(byte) 0x81, (byte) (0x80 | (unknown ? NXDOMAIN : 0)), 0, 1});
        out.writeBytes(new byte[] {0, (byte) records.size(), 0, 0, 0, 0});
        out.write(query, 12, questionEnds - 12);
        records.forEach(out::writeBytes);
        return out.toByteArray();
    }

    private static List<IPAddress> inTurn(Deque<List<IPAddress>> answers, int type) {
        return type == TYPE_A && answers.size() > 1 ? answers.removeFirst() : answers.getFirst();
    }

    private static byte[] record(String owner, int type, byte[] data) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(encoded(owner));
        out.writeBytes(new byte[] {0, (byte) type, 0, 1, 0, 0, 0, 1, 0, (byte) data.length});
        out.writeBytes(data);
        return out.toByteArray();
    }

    private static byte[] encoded(String name) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String label : name.split("\\.")) {
            out.write(label.length());
            out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        out.write(0);
        return out.toByteArray();
    }
}
