package dev.fanfare.bench;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** What a server with its Postgres, or another process, has used so far; two readings make a difference. */
record Meter(long cpuMicros, long walBytes, long commits) {
    /** A session tells of its commits with a second's delay (PGSTAT_MIN_INTERVAL). */
    private static final int STATISTICS_DELAY_MILLIS = 1_200;

    /** Read it while the server is idle, just before the work. */
    static Meter before(Server server, Connection connection) throws IOException, SQLException, InterruptedException {
        Meter counters = counters(connection);
        return new Meter(cpu(server), counters.walBytes, counters.commits);
    }

    static Meter after(Server server, Connection connection) throws IOException, SQLException, InterruptedException {
        long cpu = cpu(server);
        Meter counters = counters(connection);
        return new Meter(cpu, counters.walBytes, counters.commits);
    }

    Meter minus(Meter before) {
        return new Meter(cpuMicros - before.cpuMicros, walBytes - before.walBytes, commits - before.commits);
    }

    private static long cpu(Server server) throws IOException {
        return ProcessTree.cpuMicros(server.pid(), server.postgresPid());
    }

    private static Meter counters(Connection connection) throws SQLException, InterruptedException {
        Thread.sleep(STATISTICS_DELAY_MILLIS);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        select pg_current_wal_insert_lsn() - '0/0', xact_commit
                        from pg_stat_database where datname = current_database()""")) {
            row.next();
            return new Meter(0, row.getLong(1), row.getLong(2));
        }
    }
}
