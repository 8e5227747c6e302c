package dev.fanfare.bench;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the events of an account over a number of connections, each of which waits for its answer: as fast as they
 * are answered, or at a fixed rate. An event that is not answered with 202 is sent again, as a producer must.
 */
final class Producer implements AutoCloseable {
    static final int DATA_BYTES = 500;
    private static final long PAUSE_MILLIS = 50;

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final NetClient client;
    private final Context loop = vertx.getOrCreateContext();
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private final ArrayDeque<Connection> idle = new ArrayDeque<>();
    private final Load load;
    private final byte[] template;
    private final int[] ids;
    private final int port;
    private volatile long start;
    private boolean started;
    private int opened;
    private int next;
    private int end;
    private int busy;

    /**
     * What is to be published.
     *
     * @param batch events of one request
     * @param rate events per second, 0: as fast as they are answered
     * @param connections requests under way at most
     */
    record Load(Account account, String type, int batch, double rate, int connections) {}

    Producer(int port, String key, Load load) {
        this.load = load;
        this.end = load.account.capacity - load.account.capacity % load.batch;
        this.ids = new int[load.batch];
        this.template = request(port, key);
        this.client =
                vertx.createNetClient(new NetClientOptions().setTcpNoDelay(true).setConnectTimeout(2_000));
        this.port = port;
    }

    private byte[] request(int port, String key) {
        String event = """
                {"specversion":"1.0","id":"%s","source":"/bench","type":"%s","time":"2026-01-06T10:00:00.000Z",\
                "datacontenttype":"application/json","data":"%s"}""".formatted(EventId.PLACEHOLDER, load.type, "x".repeat(DATA_BYTES - 2));
        String body = event;
        if (load.batch > 1) {
            body = "[" + (event + ",").repeat(load.batch - 1) + event + "]";
        }
        String head = """
                POST /v1/events HTTP/1.1\r
                host: 127.0.0.1:%d\r
                authorization: Bearer %s\r
                content-type: application/cloudevents%s+json\r
                content-length: %d\r
                \r
                """.formatted(port, key, load.batch > 1 ? "-batch" : "", body.length());
        String request = head + body;
        for (int i = 0, at = -1; i < load.batch; i++) {
            at = request.indexOf(EventId.PLACEHOLDER, at + 1);
            ids[i] = at;
        }
        return request.getBytes(StandardCharsets.US_ASCII);
    }

    /** Starts; the future is completed when every event is acknowledged. */
    CompletableFuture<Void> start() {
        loop.runOnContext(nothing -> {
            if (load.rate == 0) {
                begin();
            }
            for (int i = 0; i < load.connections; i++) {
                new Connection().connect();
            }
        });
        return done;
    }

    private void begin() {
        start = System.nanoTime();
        started = true;
        if (load.rate > 0) {
            vertx.setPeriodic(1, tick -> pump());
        }
    }

    /** Where its time begins: at a fixed rate when all connections are open. */
    long startedAt() {
        return start;
    }

    /** Sends no further event; the future is completed when those under way are acknowledged. */
    CompletableFuture<Void> stop() {
        loop.runOnContext(nothing -> {
            end = Math.min(end, next);
            finishIfIdle();
        });
        return done;
    }

    private void pump() {
        while (started && !idle.isEmpty() && next < end && intended(next) <= System.nanoTime()) {
            Connection connection = idle.poll();
            busy++;
            connection.first = next;
            for (int i = 0; i < load.batch; i++, next++) {
                load.account.sent(next, load.rate > 0 ? intended(next) : System.nanoTime());
            }
            connection.send();
        }
        finishIfIdle();
    }

    private void finishIfIdle() {
        if (next >= end && busy == 0) {
            done.complete(null);
        }
    }

    /** At a fixed rate time runs on while the server stalls: an event that goes out late counts from when it was due. */
    private long intended(int event) {
        return load.rate > 0 ? start + (long) (event / load.rate * 1e9) : Long.MIN_VALUE;
    }

    private final class Connection {
        private HttpMessages messages = new HttpMessages();
        private @Nullable NetSocket socket;
        /** The first event of the request under way. */
        private int first = -1;

        void connect() {
            client.connect(port, "127.0.0.1").onComplete(connected -> {
                if (connected.failed()) {
                    vertx.setTimer(PAUSE_MILLIS, again -> connect());
                    return;
                }
                messages = new HttpMessages();
                socket = connected.result();
                socket.exceptionHandler(broken -> {});
                socket.closeHandler(closed -> lost());
                socket.handler(read -> {
                    messages.add(read.getBytes());
                    if (messages.next()) {
                        answered(messages.status());
                    }
                });
                if (++opened == load.connections && !started) {
                    begin();
                }
                if (first >= 0) {
                    send();
                } else {
                    idle.add(this);
                    pump();
                }
            });
        }

        private void lost() {
            if (done.isDone()) {
                return;
            }
            idle.remove(this);
            if (first >= 0) {
                load.account.refused.incrementAndGet();
            }
            vertx.setTimer(PAUSE_MILLIS, again -> connect());
        }

        void send() {
            byte[] request = template.clone();
            for (int i = 0; i < load.batch; i++) {
                EventId.write(request, ids[i], load.account.run, first + i);
            }
            socket.write(Buffer.buffer(request));
        }

        private void answered(int status) {
            if (status != 202) {
                load.account.refused.incrementAndGet();
                NetSocket asked = socket;
                vertx.setTimer(PAUSE_MILLIS, again -> {
                    if (socket == asked) { // a new connection has sent it already
                        send();
                    }
                });
                return;
            }
            long now = System.nanoTime();
            for (int i = 0; i < load.batch; i++) {
                load.account.acknowledged(first + i, now);
            }
            first = -1;
            busy--;
            idle.add(this);
            pump();
        }
    }

    @Override
    public void close() {
        done.complete(null);
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
