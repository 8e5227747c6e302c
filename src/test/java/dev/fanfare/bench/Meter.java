package dev.fanfare.bench;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** What a server with its Postgres has used so far; two readings make a difference. */
record Meter(long cpuMicros, long walBytes, long statements, long commits) {
    private static final int SETTLE_MILLIS = 300;

    /** Read it just before the work and after it. */
    static Meter read(Server server, Connection connection) throws IOException, SQLException, InterruptedException {
        // what has arrived last is settled only now, and nothing outside the server tells when
        Thread.sleep(SETTLE_MILLIS);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        select pg_current_wal_insert_lsn() - '0/0',
                               (select sum(calls) from public.pg_stat_statements),
                               -- counted at once, which xact_commit of pg_stat_database is not
                               pg_snapshot_xmax(pg_current_snapshot())::text::bigint""")) {
            row.next();
            long cpu = ProcessTree.cpuMicros(server.pid(), server.postgresPid());
            return new Meter(cpu, row.getLong(1), row.getLong(2), row.getLong(3));
        }
    }

    Meter minus(Meter before) {
        return new Meter(
                cpuMicros - before.cpuMicros,
                walBytes - before.walBytes,
                statements - before.statements,
                commits - before.commits);
    }
}
