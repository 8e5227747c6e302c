package dev.fanfare.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What all scenarios share: the receiver, one warm server, the ceilings once they are measured. */
final class Lab implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int WARM_UP_EVENTS = 120_000;
    /** One run of a scenario may not take longer. */
    private static final int RUN_MINUTES = 10;

    final Receiver receiver = Receiver.start();
    final Ceilings ceilings = new Ceilings(this);
    final boolean smoke;
    private final Path data;
    private @Nullable Server server;
    private @Nullable Connection connection;
    private int types;

    /** @param smoke few events and one run of each */
    Lab(Path directory, boolean smoke) {
        this.data = directory.resolve("data");
        this.smoke = smoke;
    }

    /** The server, warm. */
    Server server() throws Exception {
        Server running = server;
        if (running == null) {
            running = Server.start(data);
            server = running;
            warmUp();
        }
        return running;
    }

    /** Stops the server in good order and starts it again with these options of the JVM. */
    void restart(String... options) throws Exception {
        Server running = server();
        running.close();
        replace(running.again(options));
    }

    /** Puts another process in the server's place, such as the same one started again. */
    void replace(Server started) throws SQLException {
        server = started;
        if (connection != null) {
            connection.close();
        }
    }

    /** A superuser's session in the server's Postgres. */
    Connection connection() throws Exception {
        Connection open = connection;
        if (open == null || open.isClosed()) {
            open = server().connect();
            connection = open;
        }
        return open;
    }

    /** The JIT compiler is done with most after so many events. */
    private void warmUp() throws Exception {
        measure(Shape.full(WARM_UP_EVENTS, 1), 0);
    }

    int scaled(int events) {
        return smoke ? events / 4 : events;
    }

    /** Subscribes hooks to a type of its own, sends a part of the load to warm up, then measures; the median of the runs. */
    Figures measure(Shape shape, int runs) throws Exception {
        String type = newType();
        List<String> subscriptions = subscribe(type, shape.fanout());
        run(shape.withEvents(shape.events() / 4), type);
        List<Figures> figures = new ArrayList<>();
        for (int i = 0; i < (smoke ? Math.min(1, runs) : runs); i++) {
            figures.add(run(shape, type));
        }
        server().unsubscribe(subscriptions);
        return figures.isEmpty() ? null : Figures.median(figures);
    }

    String newType() {
        return "bench.t" + ++types;
    }

    List<String> subscribe(String type, int hooks) throws Exception {
        List<String> subscriptions = new ArrayList<>();
        for (int hook = 0; hook < hooks; hook++) {
            subscriptions.add(server().subscribe(type, receiver.url(hook)));
        }
        return subscriptions;
    }

    /** One run against subscriptions that exist. */
    Figures run(Shape shape, String type) throws Exception {
        Account account = receiver.account(shape.events(), shape.fanout(), shape.unanswering());
        try (Producer producer = producer(account, type, shape)) {
            Meter before = Meter.before(server(), connection());
            long own = ownCpu();
            long start = System.nanoTime();
            producer.start().get(RUN_MINUTES, TimeUnit.MINUTES);
            account.awaitArrivals(PATIENCE);
            long generator = ownCpu() - own;
            return Figures.of(
                    account, start, Meter.after(server(), connection()).minus(before), generator);
        } finally {
            receiver.close(account);
        }
    }

    Producer producer(Account account, String type, Shape shape) throws Exception {
        return new Producer(
                server().port(),
                server().key(),
                new Producer.Load(account, type, shape.batch(), shape.rate(), shape.connections()));
    }

    static long ownCpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos() / 1_000;
    }

    @Override
    public void close() throws SQLException, IOException {
        if (connection != null) {
            connection.close();
        }
        if (server != null) {
            server.close();
        }
        receiver.close();
    }
}
