package dev.fanfare.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What all scenarios share: the receiver, one server, the ceilings once they are measured. */
final class Lab implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int RUNS = 3;

    final Receiver receiver = Receiver.start();
    final Ceilings ceilings = new Ceilings(this);
    final boolean smoke;
    private final Path data;
    private volatile @Nullable Server server;
    private volatile @Nullable Server replica;
    private @Nullable Connection connection;
    private volatile boolean closed;
    private boolean warm;
    private int types;

    /**
     * @param directory a new one, for the servers' data
     * @param smoke few events and one run of each
     */
    Lab(Path directory, boolean smoke) throws IOException {
        this.data = Files.createDirectories(directory).resolve("data");
        this.smoke = smoke;
    }

    /** The server that all scenarios share. */
    Server server() throws Exception {
        if (closed) {
            throw new IllegalStateException("The benchmark has given this server up");
        }
        Server running = server;
        if (running == null) {
            running = Server.start(data);
            server = running;
            countStatements(running);
            running = server;
        }
        return running;
    }

    /** In its Postgres, which counts them from the next start on. */
    private void countStatements(Server first) throws Exception {
        first.setInPostgres("shared_preload_libraries = 'pg_stat_statements'");
        first.setInPostgres("pg_stat_statements.track_utility = off");
        first.close();
        replace(first.again());
        try (Statement statement = connection().createStatement()) {
            statement.execute("create extension pg_stat_statements schema public");
        }
    }

    /** Stops the server in good order and starts it again with these options of the JVM. */
    void restart(String... options) throws Exception {
        Server running = server();
        running.close();
        replace(running.again(options));
    }

    /** Puts another process in the server's place, such as the same one started again. */
    void replace(Server started) throws SQLException, IOException {
        server = started;
        if (closed) {
            started.discard();
        }
        warm = false;
        if (connection != null) {
            connection.close();
        }
    }

    /** One more server on the same Postgres. */
    Server replica() throws Exception {
        Server started = server().replica(data.resolveSibling("replica"));
        replica = started;
        return started;
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

    /** The JIT compiler has a third of the processor time until about so many events. */
    void warmUp() throws Exception {
        if (!warm) {
            warm = true;
            String type = newType();
            List<String> subscriptions = subscribe(type, 1);
            run(Shape.full(smoke ? 120_000 : 300_000, 1), type);
            server().unsubscribe(subscriptions);
        }
    }

    int scaled(int events) {
        return smoke ? events / 4 : events;
    }

    /** Runs of everything that is measured. */
    int runs() {
        return smoke ? 1 : RUNS;
    }

    /** Subscribes hooks to a type of its own, sends a part of the load to warm up, then measures. */
    Runs measure(Shape shape) throws Exception {
        warmUp();
        String type = newType();
        List<String> subscriptions = subscribe(type, shape.fanout());
        run(shape.withEvents(shape.events() / 4), type);
        List<Figures> figures = new ArrayList<>();
        for (int i = 0; i < runs(); i++) {
            checkpoint();
            figures.add(run(shape, type));
        }
        server().unsubscribe(subscriptions);
        return new Runs(figures);
    }

    /** Each run begins alike: used segments of the write-ahead log are there to be used again, as in a server that runs for long. */
    private void checkpoint() throws Exception {
        try (Statement statement = connection().createStatement()) {
            statement.execute("checkpoint");
        }
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
        try (Producer producer = producer(server(), account, type, shape)) {
            Meter before = Meter.read(server(), connection());
            long own = ownCpu();
            producer.start().get();
            account.awaitArrivals(PATIENCE);
            long generator = ownCpu() - own;
            Meter used = Meter.read(server(), connection()).minus(before);
            return Figures.of(account, producer.startedAt(), used, generator);
        } finally {
            receiver.close(account);
        }
    }

    static Producer producer(Server to, Account account, String type, Shape shape) throws IOException {
        return new Producer(
                to.port(),
                to.key(),
                new Producer.Load(account, type, shape.batch(), shape.rate(), shape.connections()));
    }

    static long ownCpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos() / 1_000;
    }

    /** Ends all that it has started; a scenario that still runs fails by it. */
    @Override
    public void close() throws IOException {
        closed = true;
        if (replica != null) {
            replica.close();
        }
        if (server != null) {
            server.discard();
        }
        receiver.close();
    }
}
