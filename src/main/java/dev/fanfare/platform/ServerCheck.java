package dev.fanfare.platform;

import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/** Looks whether the database server is one that Fanfare can run on. */
@Singleton
final class ServerCheck {
    private static final Logger LOG = Logger.getLogger(ServerCheck.class);
    static final int OLDEST = 14;
    static final int NEWEST = 18;

    private final Tx tx;
    private boolean warned;

    ServerCheck(Tx tx) {
        this.tx = tx;
    }

    /** @throws StartRefused when the server is too old, or schema {@code fanfare} is somebody else's */
    void refuseStrangers() {
        tx.run(connection -> {
            int version = Integer.parseInt(one(connection, "show server_version_num")) / 10_000;
            refuseTooOld(version);
            if (version > NEWEST && !warned) {
                warned = true;
                LOG.warnf("Postgres %d is newer than the %d that Fanfare was tested with", version, NEWEST);
            }
            String strangers = one(connection, """
                    select coalesce(string_agg(relname, ', ' order by relname), '')
                    from pg_class
                    where relnamespace = to_regnamespace('fanfare') and relkind in ('r', 'p', 'v', 'm', 'f')
                      and to_regclass('fanfare.flyway_schema_history') is null
                    """);
            if (!strangers.isEmpty()) {
                throw new StartRefused("Schema fanfare of this database was not made by Fanfare; it holds " + strangers
                        + ". Rename it, or name another database in QUARKUS_DATASOURCE_JDBC_URL.");
            }
            return version;
        });
    }

    static void refuseTooOld(int version) {
        if (version < OLDEST) {
            throw new StartRefused("The database is Postgres " + version + "; Fanfare needs " + OLDEST + " to " + NEWEST
                    + ". Upgrade it, or name another in QUARKUS_DATASOURCE_JDBC_URL.");
        }
    }

    /** Which settings let the server acknowledge what it may lose; "" when none does. */
    String notDurable() {
        return tx.run(connection -> {
            List<String> off = new ArrayList<>();
            for (String setting : List.of("fsync", "full_page_writes", "synchronous_commit")) {
                if (one(connection, "show " + setting).equals("off")) {
                    off.add(setting);
                }
            }
            return off.isEmpty()
                    ? ""
                    : "the database may lose what it acknowledges: " + String.join(", ", off)
                            + " must not be off (postgresql.conf, or the role's or database's settings)";
        });
    }

    private static String one(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
