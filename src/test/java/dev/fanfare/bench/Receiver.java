package dev.fanfare.bench;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.BitSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Takes webhooks at {@code /hook/0…}, answers 200 and enters them in the account of the run that they belong to. */
final class Receiver implements AutoCloseable {
    private static final int LOOPS = 2;
    private static final String PATH = "POST /hook/";
    // what a small server says
    private static final Buffer OK = Buffer.buffer("HTTP/1.1 200 OK\r\nServer: receiver\r\n"
            + "Date: Tue, 06 Jan 2026 10:00:00 GMT\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n");

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(LOOPS));
    private final ConcurrentHashMap<Integer, Account> accounts = new ConcurrentHashMap<>();
    /** Of runs that are over, the hooks that go on not answering; a recovery is another load than one that hangs. */
    private final ConcurrentHashMap<Integer, BitSet> unanswering = new ConcurrentHashMap<>();

    private final AtomicInteger runs = new AtomicInteger();
    private final LongAdder requests = new LongAdder();
    // given, not found by listening: Vert.x lets loops share a port only by its number
    private final int port = freePort();

    static Receiver start() {
        Receiver receiver = new Receiver();
        for (int i = 0; i < LOOPS; i++) {
            receiver.vertx
                    .deployVerticle(receiver.new Loop(), new DeploymentOptions())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        }
        return receiver;
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return port;
    }

    String url(int hook) {
        return "http://127.0.0.1:" + port + "/hook/" + hook;
    }

    /** Webhooks answered so far, of whatever run. */
    long requests() {
        return requests.sum();
    }

    /** Opens the account of a new run. */
    Account account(int capacity, int hooks, BitSet unanswering) {
        Account account = new Account(runs.incrementAndGet(), capacity, hooks, unanswering);
        accounts.put(account.run, account);
        return account;
    }

    /** Forgets an account: what still comes for it is not counted, and answered unless its hook never answers. */
    void close(Account account) {
        unanswering.put(account.run, account.unanswering);
        accounts.remove(account.run);
    }

    private final class Loop extends AbstractVerticle {
        @Override
        public void start(Promise<Void> started) {
            vertx.createNetServer(new NetServerOptions().setTcpNoDelay(true).setAcceptBacklog(4096))
                    .connectHandler(Receiver.this::serve)
                    .listen(port, "127.0.0.1")
                    .<Void>mapEmpty()
                    .onComplete(started);
        }
    }

    private void serve(NetSocket socket) {
        HttpMessages messages = new HttpMessages();
        socket.exceptionHandler(broken -> {}); // a killed server breaks all of them
        socket.handler(read -> {
            messages.add(read.getBytes());
            while (messages.next()) {
                if (arrived(messages.numberBehind(PATH), messages.eventId())) {
                    requests.increment();
                    socket.write(OK);
                }
            }
        });
    }

    private boolean arrived(int hook, long id) {
        int run = (int) (id >> 32);
        Account account = accounts.get(run);
        if (account != null) {
            return account.arrived((int) id, hook, System.nanoTime());
        }
        BitSet silent = unanswering.get(run);
        return silent == null || !silent.get(hook);
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
