package dev.fanfare.platform;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * A Postgres of our own in the data directory: durable, on loopback, with a generated password. It outlives a killed
 * Fanfare; the next start stops it and starts it anew. A server that dies while Fanfare lives is started again on the
 * same port. It has no shutdown hook: who started it stops it, last of all.
 */
public final class EmbeddedPostgres implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(EmbeddedPostgres.class);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(20);

    private final DataDirectory directory;
    private final PostgresBinaries binaries;
    private final PostgresCluster cluster;
    private final PostgresProcesses processes;
    private final String password;
    private int port;
    private volatile boolean closed;

    private EmbeddedPostgres(DataDirectory directory, PostgresBinaries binaries, String password) {
        this.directory = directory;
        this.binaries = binaries;
        this.cluster = new PostgresCluster(directory, binaries);
        this.processes = new PostgresProcesses(cluster.path());
        this.password = password;
    }

    /**
     * Starts the server of this directory, after making its cluster where there is none; returns when it accepts
     * connections, or goes on with a long recovery.
     *
     * @throws StartRefused when it cannot run here
     */
    public static EmbeddedPostgres start(DataDirectory directory) {
        try {
            String password = directory.read("pg-password");
            if (password == null) {
                byte[] random = new byte[24];
                new SecureRandom().nextBytes(random);
                password = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
                directory.keep("pg-password", password);
            }
            EmbeddedPostgres postgres =
                    new EmbeddedPostgres(directory, PostgresBinaries.in(directory.path()), password);
            postgres.cluster.make();
            postgres.stopOrphans();
            postgres.binaries.deleteOthers();
            postgres.launchOnFreePort();
            Thread watch = new Thread(postgres::watch, "embedded-postgres");
            watch.setDaemon(true);
            watch.start();
            return postgres;
        } catch (IOException e) {
            throw new StartRefused("The embedded Postgres in " + directory.path() + " cannot start: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartRefused("Interrupted while the embedded Postgres started.", e);
        }
    }

    private void stopOrphans() throws IOException, InterruptedException {
        if (processes.serverLives()) {
            LOG.infof("Stopping the Postgres that a killed Fanfare left (process %d)", processes.recorded());
            stopServer();
        }
        // Backends of a killed postmaster notice its death by themselves.
        if (!processes.goneWithin(Duration.ofSeconds(15))) {
            processes.kill();
        }
        processes.forgetTheDead();
    }

    private void launchOnFreePort() throws IOException, InterruptedException {
        for (int tries = 1; ; tries++) {
            port = freePort();
            try {
                launch();
                return;
            } catch (StartRefused e) {
                // somebody may have taken the port in the meantime
                if (tries == 3) {
                    throw e;
                }
            }
        }
    }

    private void launch() throws IOException, InterruptedException {
        Path log = directory.path().resolve("pg-start.log");
        Files.deleteIfExists(log);
        int exit =
                cluster.control("start", "--timeout=60", "--log=" + log, "--options=" + PostgresCluster.settings(port));
        if (exit == 0) {
            return;
        }
        if (!processes.serverLives()) {
            throw new StartRefused("The embedded Postgres in " + cluster.path() + " does not start: " + tail(log));
        }
        LOG.warn("The embedded Postgres is still recovering; Fanfare is ready when it has finished");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            return socket.getLocalPort();
        }
    }

    private static String tail(Path log) throws IOException {
        if (!Files.exists(log)) {
            return "no message";
        }
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    }

    private void watch() {
        try {
            while (true) {
                // pg_ctl started it: it is no child of this process, whose end one could wait for
                Thread.sleep(500);
                if (!keptAlive()) {
                    // a disk that is full now is full in half a second too
                    Thread.sleep(5_000);
                }
                if (closed) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Starts the server again where it died; false when that failed. */
    private synchronized boolean keptAlive() throws InterruptedException {
        try {
            if (!closed && !processes.serverLives()) {
                LOG.error("The embedded Postgres died; it is started again, until then events are refused");
                stopOrphans();
                launch();
            }
            return true;
        } catch (IOException | StartRefused e) {
            LOG.error("The embedded Postgres cannot be started again yet; tried again in five seconds", e);
            return false;
        }
    }

    public String jdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    public String user() {
        return PostgresCluster.USER;
    }

    public String password() {
        return password;
    }

    /** The process id of the server. */
    public long pid() throws IOException {
        return processes.recorded();
    }

    /** Leaves the server to itself, as a killed process does. */
    synchronized void abandon() {
        closed = true;
    }

    /** Stops the server: open transactions are rolled back, the data is flushed. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            stopServer();
        } catch (IOException e) {
            LOG.warn("The embedded Postgres was not stopped; the next start stops it", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void stopServer() throws IOException, InterruptedException {
        if (processes.serverLives()) {
            cluster.control("stop", "--mode=fast", "--timeout=" + STOP_LIMIT.toSeconds());
        }
        if (!processes.goneWithin(STOP_LIMIT)) {
            processes.kill();
        }
    }
}
