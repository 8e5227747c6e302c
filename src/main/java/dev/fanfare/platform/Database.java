package dev.fanfare.platform;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the database, brings its schema up to date and opens the {@link SecretBox}; what needs tables starts after
 * {@link #ready()}. What passes by itself is waited for, what no waiting mends ends the process.
 */
@ApplicationScoped
public class Database {
    private static final Logger LOG = Logger.getLogger(Database.class);
    private static final long FIRST_WAIT_MILLIS = 1_000;
    private static final long LAST_WAIT_MILLIS = 5_000;

    private final Flyway flyway;
    private final ServerCheck server;
    private final EncryptionKey encryptionKey;
    private final Tx tx;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private volatile String waitsFor = "the start has just begun";
    private volatile @Nullable Thread thread;

    Database(Flyway flyway, ServerCheck server, EncryptionKey encryptionKey, Tx tx) {
        this.flyway = flyway;
        this.server = server;
        this.encryptionKey = encryptionKey;
        this.tx = tx;
    }

    /**
     * Completes once: the schema is the one this program knows, the server keeps what it acknowledges, the encryption
     * key is the right one. What depends on it runs on the database's start thread unless it brings its own.
     */
    public CompletionStage<Void> ready() {
        return ready.minimalCompletionStage();
    }

    /** Whether {@link #ready()} has completed; the database may be away again. */
    public boolean isReady() {
        return ready.isDone();
    }

    /** What {@link #ready()} waits for, for a person; "" when it waits no more. */
    public String waitsFor() {
        return isReady() ? "" : waitsFor;
    }

    void start(@Observes StartupEvent event) {
        Thread started = new Thread(this::untilReady, "database-start");
        started.setDaemon(true);
        thread = started;
        started.start();
    }

    void stop(@Observes ShutdownEvent event) {
        Thread started = thread;
        if (started != null) {
            started.interrupt();
        }
    }

    private void untilReady() {
        long wait = FIRST_WAIT_MILLIS;
        while (!Thread.currentThread().isInterrupted()) {
            try {
                String problem = tryOnce();
                if (problem.isEmpty()) {
                    ready.complete(null);
                    return;
                }
                waitsFor = problem;
                LOG.warnf("Not ready: %s. Tried again in %d s", problem, wait / 1000);
                // this thread has nothing else to do, and stop() interrupts it
                Thread.sleep(wait);
                wait = Math.min(wait * 2, LAST_WAIT_MILLIS);
            } catch (StartRefused e) {
                waitsFor = "the process ends: " + e.getMessage();
                Fanfare.refuse(e);
                return;
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** "" when ready, else what is missing. */
    private String tryOnce() {
        try {
            server.refuseStrangers();
            Migrations.forgetFailed(tx);
            flyway.migrate();
            String lax = server.notDurable();
            if (!lax.isEmpty()) {
                return lax;
            }
            encryptionKey.unlock();
            return "";
        } catch (DatabaseException | FlywayException e) {
            return passing(e);
        }
    }

    private static String passing(RuntimeException failure) {
        SQLException sql = null;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException found) {
                sql = found;
            }
        }
        if (sql == null) {
            throw new StartRefused(
                    "The database's schema is not the one this version knows: " + failure.getMessage(), failure);
        }
        String state = sql.getSQLState() == null ? "" : sql.getSQLState();
        String said = sql.getMessage() + (state.isEmpty() ? "" : " (SQLSTATE " + state + ")");
        if (state.startsWith("28")) {
            throw new StartRefused(
                    "The database refuses this user: " + said
                            + ". Check QUARKUS_DATASOURCE_USERNAME and QUARKUS_DATASOURCE_PASSWORD.",
                    failure);
        }
        if (state.equals("42501")) {
            throw new StartRefused(
                    "The database user may not do what a migration needs: " + said
                            + ". Let it create schema fanfare, or own it.",
                    failure);
        }
        if (passesByItself(state)) {
            return "the database does not answer: " + said.lines().findFirst().orElse(said);
        }
        throw new StartRefused("A migration failed: " + failure.getMessage(), failure);
    }

    /**
     * Classes of SQLSTATE (Postgres, appendix A): no connection, no such database yet, starting or stopping, out of
     * connections, a lock held by others; and what two replicas do to each other at their first start.
     */
    static boolean passesByItself(String state) {
        return state.isEmpty() || state.matches("(08|53|40|57).{3}|55P03|55000|3D000|25006|23505|42P06|42P07");
    }
}
