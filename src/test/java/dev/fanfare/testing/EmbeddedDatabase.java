package dev.fanfare.testing;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/** The embedded Postgres of a {@link PackagedFanfare}, as somebody sees it who has the data directory. */
public record EmbeddedDatabase(Path data) {
    private static final String USER = "fanfare";

    public String user() {
        return USER;
    }

    public String password() throws IOException {
        return Files.readString(data.resolve("pg-password")).strip();
    }

    /** JDBC address of one of its databases; Fanfare's own is {@code postgres}. */
    public String url(String database) throws IOException {
        String port =
                Files.readAllLines(data.resolve("pg/postmaster.pid")).get(3).strip();
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    public Connection connect(String database) throws IOException, SQLException {
        return DriverManager.getConnection(url(database), USER, password());
    }

    /** Runs a statement in Fanfare's database. */
    public void run(String sql) throws IOException, SQLException {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The first column of the only row. */
    public String query(String sql) throws IOException, SQLException {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    /** Every row of every table of Fanfare's, as COPY writes it, and what the sessions of now have run last. */
    public String dump() throws IOException, SQLException {
        StringWriter all = new StringWriter();
        try (Connection connection = connect("postgres")) {
            CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
            for (String table : tables(connection)) {
                all.append(table).append('\n');
                copy.copyOut("copy " + table + " to stdout", all);
            }
            copy.copyOut("copy (select query from pg_stat_activity) to stdout", all);
        }
        return all.toString();
    }

    private static List<String> tables(Connection connection) throws SQLException {
        List<String> tables = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("""
                        select oid::regclass::text from pg_class
                        where relkind = 'r' and relnamespace = 'fanfare'::regnamespace""")) {
            while (rows.next()) {
                tables.add(rows.getString(1));
            }
        }
        return tables;
    }
}
