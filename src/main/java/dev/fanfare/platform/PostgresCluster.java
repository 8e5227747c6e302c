package dev.fanfare.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/** The embedded Postgres' files in {@code pg} of the data directory, and the settings that its server must run with. */
final class PostgresCluster {
    /** The superuser that initdb makes; nobody else logs in. */
    static final String USER = "fanfare";

    private static final Logger LOG = Logger.getLogger(PostgresCluster.class);

    private final DataDirectory directory;
    private final PostgresBinaries binaries;
    private final Path path;

    PostgresCluster(DataDirectory directory, PostgresBinaries binaries) {
        this.directory = directory;
        this.binaries = binaries;
        this.path = directory.path().resolve("pg");
    }

    Path path() {
        return path;
    }

    /**
     * Makes the cluster where there is none; the password is in {@code pg-password}. Aside, then renamed: a cluster whose
     * initialization was killed never starts.
     *
     * @throws StartRefused when initdb fails, or what is there is of another major version
     */
    void make() throws IOException, InterruptedException {
        if (Files.exists(path)) {
            checkVersion();
            return;
        }
        Path aside = directory.path().resolve("pg.new");
        new PostgresProcesses(aside).kill();
        PostgresBinaries.delete(aside);
        LOG.infof("Making the embedded Postgres %s in %s", PostgresBinaries.VERSION, path);
        Path output = directory.path().resolve("pg-init.log");
        int exit = binaries.run(
                output,
                directory.path(),
                "initdb",
                "-D",
                aside.toString(),
                "--username=" + USER,
                "--pwfile=" + directory.path().resolve("pg-password"),
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--no-locale",
                "--data-checksums",
                // a new segment is filled with zeros while commits wait: 4 MB take a quarter of the default's pause
                "--wal-segsize=4",
                // what an operator may tune in pg/postgresql.conf; what must hold is on the command line, see
                // settings()
                "--set=max_connections=60",
                "--set=shared_buffers=256MB",
                "--set=max_wal_size=4GB");
        if (exit != 0) {
            throw new StartRefused("initdb failed: " + Files.readString(output).strip());
        }
        Files.move(aside, path, StandardCopyOption.ATOMIC_MOVE);
        DataDirectory.sync(directory.path());
    }

    private void checkVersion() throws IOException {
        Path file = path.resolve("PG_VERSION");
        if (!Files.exists(file)) {
            throw new StartRefused(
                    path + " is not a Postgres cluster. Move it away, or name another directory: FANFARE_DATA_DIR.");
        }
        String major = Files.readString(file).strip();
        if (!major.equals(PostgresBinaries.MAJOR)) {
            throw new StartRefused("The data in " + path + " is of Postgres " + major
                    + ", this Fanfare carries Postgres " + PostgresBinaries.MAJOR
                    + ". Start it once more with the Fanfare that wrote it and pg_dump schema fanfare, or run pg_upgrade"
                    + " on the directory; see UPGRADING.md.");
        }
    }

    /** What stands above postgresql.conf: loopback only, durable, a log that does not grow for ever. */
    static String settings(int port) {
        return String.join(
                " ",
                List.of(
                        "-p " + port,
                        "-c listen_addresses=127.0.0.1",
                        "-c unix_socket_directories=",
                        "-c fsync=on",
                        "-c full_page_writes=on",
                        "-c synchronous_commit=on",
                        "-c autovacuum=on",
                        // one file per weekday, overwritten a week later
                        "-c logging_collector=on",
                        "-c log_directory=log",
                        "-c log_filename=postgres-%a.log",
                        "-c log_rotation_age=1d",
                        "-c log_rotation_size=0",
                        "-c log_truncate_on_rotation=on",
                        "-c log_checkpoints=off"));
    }

    /**
     * Runs pg_ctl to its end; returns its exit code. It gives the server a session of its own, so that Ctrl-C in a
     * terminal reaches Fanfare alone.
     */
    int control(String action, String... more) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(action, "-D", path.toString(), "--wait"));
        arguments.addAll(List.of(more));
        return binaries.run(
                directory.path().resolve("pg-control.log"),
                directory.path(),
                "pg_ctl",
                arguments.toArray(String[]::new));
    }
}
