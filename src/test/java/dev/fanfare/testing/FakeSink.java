package dev.fanfare.testing;

import io.netty.channel.ChannelOption;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PfxOptions;
import io.vertx.core.net.impl.NetSocketInternal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A receiver on loopback that records what comes and answers by script, well or badly. Speaks HTTP/1.1 over real sockets
 * by itself, so that it can break every rule of it. Safe for use by many threads.
 */
public final class FakeSink implements AutoCloseable {

    /** How long a test waits for something that should happen at once. */
    public static final long PATIENCE_SECONDS = 20;

    /** PKCS#12, on the class path. */
    public static final String CERTIFICATE = "dev/fanfare/testing/fake-sink.p12";

    public static final String CERTIFICATE_PASSWORD = "fake-sink";

    /**
     * One request as it came.
     *
     * @param headers in order, names as sent
     */
    public record Request(
            String method, String path, List<Map.Entry<String, String>> headers, byte[] body, Instant at) {
        /** The first header of that name in any case, null when there is none. */
        public String header(String name) {
            return headers.stream()
                    .filter(header -> header.getKey().equalsIgnoreCase(name))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse(null);
        }

        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    /** What is done with a request; on the socket's event loop. */
    public interface Answer {
        void give(Request request, NetSocket socket);

        static Answer status(int status, String... namesAndValues) {
            return status(status, new byte[0], namesAndValues);
        }

        static Answer status(int status, byte[] body, String... namesAndValues) {
            StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Scripted\r\n");
            for (int i = 0; i < namesAndValues.length; i += 2) {
                head.append(namesAndValues[i])
                        .append(": ")
                        .append(namesAndValues[i + 1])
                        .append("\r\n");
            }
            head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
            Buffer bytes = Buffer.buffer(head.toString(), "ISO-8859-1").appendBytes(body);
            return (request, socket) -> socket.write(bytes.copy());
        }

        /** These bytes and nothing more; the connection stays open. */
        static Answer raw(String text) {
            Buffer bytes = Buffer.buffer(text, "ISO-8859-1");
            return (request, socket) -> socket.write(bytes.copy());
        }

        /** Nothing, until the sink stops. */
        static Answer hang() {
            return (request, socket) -> {};
        }

        /** The connection is closed in order. */
        static Answer close() {
            return (request, socket) -> socket.close();
        }

        /** The connection is reset (TCP RST). */
        static Answer reset() {
            return (request, socket) -> {
                ((NetSocketInternal) socket)
                        .channelHandlerContext()
                        .channel()
                        .config()
                        .setOption(ChannelOption.SO_LINGER, 0);
                socket.close();
            };
        }

        /** First these bytes, then the same piece again and again as fast as it is read. */
        static Answer endless(String first, String piece) {
            Buffer more = Buffer.buffer(piece.repeat(Math.max(1, 4096 / piece.length())), "ISO-8859-1");
            return (request, socket) -> {
                socket.write(Buffer.buffer(first, "ISO-8859-1"));
                pour(socket, more);
            };
        }

        private static void pour(NetSocket socket, Buffer more) {
            // Through the context: a write that ends at once would otherwise nest.
            socket.write(more.copy())
                    .onSuccess(written -> Vertx.currentContext().runOnContext(next -> pour(socket, more)));
        }

        static Answer endlessBody() {
            return endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "5\r\nhello\r\n");
        }

        static Answer endlessHeaders() {
            return endless("HTTP/1.1 200 OK\r\n", "X-More: and-more\r\n");
        }

        /** One byte of the text at a time, then the last byte again and again. */
        static Answer drip(Vertx vertx, String text, long everyMillis) {
            return (request, socket) -> {
                AtomicInteger at = new AtomicInteger();
                vertx.setPeriodic(everyMillis, timer -> {
                    int next = Math.min(at.getAndIncrement(), text.length() - 1);
                    socket.write(text.substring(next, next + 1), "ISO-8859-1")
                            .onFailure(closed -> vertx.cancelTimer(timer));
                });
            };
        }

        default Answer then(Answer next) {
            return (request, socket) -> {
                give(request, socket);
                next.give(request, socket);
            };
        }

        /** This, once the gate opens. */
        default Answer after(CompletionStage<?> gate) {
            return (request, socket) -> {
                io.vertx.core.Context context = Vertx.currentContext();
                gate.thenRun(() -> context.runOnContext(open -> give(request, socket)));
            };
        }
    }

    private static final String LOOPBACK = "127.0.0.1";
    private static final Answer OK = Answer.status(200);

    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1));
    private final NetServerOptions options;
    private final boolean tls;
    private final Map<String, Deque<Answer>> scripts = new ConcurrentHashMap<>();
    private final List<Request> requests = new ArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private NetServer server;
    private int port;

    private FakeSink(NetServerOptions options, boolean tls) {
        this.options = options;
        this.tls = tls;
        listen();
    }

    /** Listens on a free port of 127.0.0.1 and answers 200 to everything. */
    public static FakeSink start() {
        return new FakeSink(new NetServerOptions().setAcceptBacklog(1024), false);
    }

    /**
     * The same with TLS and a certificate for localhost, hooks.example and 127.0.0.1 that nobody trusts who does not
     * have {@link #CERTIFICATE} as trust store.
     */
    public static FakeSink startTls() {
        return startTls(new PfxOptions().setPath(CERTIFICATE).setPassword(CERTIFICATE_PASSWORD));
    }

    /** The same with another certificate. */
    public static FakeSink startTls(KeyCertOptions certificate) {
        return new FakeSink(new NetServerOptions().setSsl(true).setKeyCertOptions(certificate), true);
    }

    /** From now on requests to the path get these answers in turn, the last one for ever. */
    public FakeSink on(String path, Answer... answers) {
        scripts.put(path, new ArrayDeque<>(Arrays.asList(answers)));
        return this;
    }

    public String url(String path) {
        return (tls ? "https" : "http") + "://" + LOOPBACK + ":" + port + path;
    }

    public int port() {
        return port;
    }

    public Vertx vertx() {
        return vertx;
    }

    /** Connections accepted so far. */
    public int connections() {
        return connections.get();
    }

    /** Connections that are open now. */
    public int openConnections() {
        return open.get();
    }

    /** All requests so far, in the order they came. */
    public List<Request> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    public List<Request> requests(String path) {
        return requests().stream()
                .filter(request -> request.path().equals(path))
                .toList();
    }

    /** Waits until so many requests have come, and gives them all; fails after {@value #PATIENCE_SECONDS} s. */
    public List<Request> awaitRequests(int count) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        synchronized (requests) {
            while (requests.size() < count) {
                long millis = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
                if (millis <= 0) {
                    throw new AssertionError("only " + requests.size() + " of " + count + " requests came");
                }
                try {
                    requests.wait(millis);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new AssertionError("interrupted", e);
                }
            }
            return List.copyOf(requests);
        }
    }

    /** Forgets what came; scripts stay. */
    public void forget() {
        synchronized (requests) {
            requests.clear();
        }
    }

    /** Closes all connections; new ones are refused. */
    public void stop() {
        await(server.close());
    }

    /** Listens again, on the same port. */
    public void restart() {
        listen();
    }

    @Override
    public void close() {
        await(vertx.close());
    }

    private void listen() {
        server = await(vertx.createNetServer(options)
                .connectHandler(socket -> {
                    connections.incrementAndGet();
                    open.incrementAndGet();
                    socket.closeHandler(closed -> open.decrementAndGet());
                    socket.exceptionHandler(gone -> {});
                    socket.handler(new Connection(socket));
                })
                .listen(port, LOOPBACK));
        port = server.actualPort();
    }

    private static <T> T await(io.vertx.core.Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    private Answer answer(Request request) {
        synchronized (requests) {
            requests.add(request);
            requests.notifyAll();
            String path = request.path().split("\\?", 2)[0];
            Deque<Answer> script = scripts.get(path);
            if (script == null) {
                return OK;
            }
            return script.size() > 1 ? script.removeFirst() : script.getFirst();
        }
    }

    /** Takes requests off one connection; bodies by Content-Length or chunked. */
    private final class Connection implements Handler<Buffer> {
        private static final String END_OF_HEAD = "\r\n\r\n";

        private final NetSocket socket;
        private Buffer pending = Buffer.buffer();

        Connection(NetSocket socket) {
            this.socket = socket;
        }

        @Override
        public void handle(Buffer bytes) {
            pending.appendBuffer(bytes);
            while (pending.length() > 0) {
                String text = pending.toString("ISO-8859-1");
                int headEnds = text.indexOf(END_OF_HEAD);
                if (headEnds < 0) {
                    return;
                }
                String[] lines = text.substring(0, headEnds).split("\r\n");
                List<Map.Entry<String, String>> headers = new ArrayList<>();
                for (int i = 1; i < lines.length; i++) {
                    int colon = lines[i].indexOf(':');
                    headers.add(Map.entry(
                            lines[i].substring(0, colon),
                            lines[i].substring(colon + 1).strip()));
                }
                String[] start = lines[0].split(" ", 3);
                Request head = new Request(start[0], start[1], List.copyOf(headers), new byte[0], Instant.now());
                Buffer body = Buffer.buffer();
                int ends = body(head, text, headEnds + END_OF_HEAD.length(), body);
                if (ends < 0) {
                    return;
                }
                pending = pending.getBuffer(ends, pending.length());
                Request request = new Request(head.method(), head.path(), head.headers(), body.getBytes(), head.at());
                answer(request).give(request, socket);
            }
        }

        /** Where the body ends, -1 when it has not all come. */
        private int body(Request head, String text, int from, Buffer body) {
            if (!"chunked".equalsIgnoreCase(head.header("transfer-encoding"))) {
                String length = head.header("content-length");
                int ends = from + (length == null ? 0 : Integer.parseInt(length));
                if (ends <= text.length()) {
                    body.appendBuffer(pending, from, ends - from);
                    return ends;
                }
                return -1;
            }
            int at = from;
            while (true) {
                int line = text.indexOf("\r\n", at);
                if (line < 0) {
                    return -1;
                }
                int size =
                        Integer.parseInt(text.substring(at, line).split(";")[0].strip(), 16);
                int next = line + 2 + size + 2;
                if (next > text.length()) {
                    return -1;
                }
                if (size == 0) {
                    return next;
                }
                body.appendBuffer(pending, line + 2, size);
                at = next;
            }
        }
    }
}
