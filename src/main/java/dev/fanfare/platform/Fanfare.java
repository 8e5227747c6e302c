package dev.fanfare.platform;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.smallrye.config.SmallRyeConfig;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;

/**
 * The process: data directory, then Postgres (embedded unless {@code quarkus.datasource.jdbc.url} names one), then
 * Quarkus; and back in the opposite order.
 */
@QuarkusMain
public final class Fanfare {
    private static final Logger LOG = Logger.getLogger(Fanfare.class);

    /** Longer than Quarkus may take to drain: Postgres is needed until then. */
    private static final long DRAIN_SECONDS = 60;

    private Fanfare() {}

    /** Ends with exit code 0 after SIGTERM or SIGINT, with 1 when it could not start. */
    public static void main(String... arguments) {
        CountDownLatch quarkusStopped = new CountDownLatch(1);
        AtomicInteger exitCode = new AtomicInteger();
        boolean rehearsal = Rehearsal.isAskedFor(arguments);
        if (rehearsal) {
            Rehearsal.closeDoors();
        }
        try {
            Closeable postgres = prepare();
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(() -> finish(postgres, quarkusStopped, exitCode), "stop-postgres"));
        } catch (StartRefused refused) {
            complain(refused);
            System.exit(1);
        }
        Quarkus.run(
                rehearsal ? Rehearsal.class : null,
                (code, failure) -> {
                    exitCode.set(code);
                    if (failure != null) {
                        failure.printStackTrace();
                    }
                },
                arguments);
        quarkusStopped.countDown();
        System.exit(exitCode.get());
    }

    /** Takes the data directory, and gives Quarkus a database. What is returned is closed when Quarkus has stopped. */
    private static Closeable prepare() {
        SmallRyeConfig config = ConfigProvider.getConfig().unwrap(SmallRyeConfig.class);
        if (config.getProfiles().contains("local")) {
            LOG.warn(
                    "Profile local: sinks may be plain http and on this machine. Never expose such a server to others.");
        }
        Path path = Path.of(
                config.getOptionalValue("fanfare.data-dir", String.class).orElse("data"));
        if (config.getOptionalValue("quarkus.datasource.jdbc.url", String.class).isPresent()) {
            DataDirectories.openedByMain = DataDirectory.openIfWritable(path);
            return () -> {};
        }
        DataDirectory directory = DataDirectory.open(path);
        DataDirectories.openedByMain = directory;
        EmbeddedPostgres postgres = EmbeddedPostgres.start(directory);
        System.setProperty("quarkus.datasource.jdbc.url", postgres.jdbcUrl());
        System.setProperty("quarkus.datasource.username", postgres.user());
        System.setProperty("quarkus.datasource.password", postgres.password());
        return postgres::close;
    }

    // The JVM runs its shutdown hooks side by side: this one waits until Quarkus, stopped by its own, has given back.
    private static void finish(Closeable postgres, CountDownLatch quarkusStopped, AtomicInteger exitCode) {
        try {
            if (!quarkusStopped.await(DRAIN_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("Quarkus did not stop in time; Postgres is stopped under it, nothing acknowledged is lost");
            }
            postgres.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.warn("Postgres was not stopped; the next start does it", e);
        }
        System.out.flush();
        if (exitCode.get() == 0) {
            // A JVM that a signal stops would end with 143, which supervisors take for a failure.
            Runtime.getRuntime().halt(0);
        }
    }

    /** Tells the operator on stderr why the process ends. */
    static void complain(StartRefused refused) {
        System.err.println("Fanfare does not start. " + refused.getMessage());
        System.err.flush();
    }

    /** Ends the running process with exit code 1; for what turns out to be hopeless after Quarkus has started. */
    public static void refuse(StartRefused refused) {
        complain(refused);
        Quarkus.asyncExit(1);
    }
}
