package dev.fanfare.cluster;

import dev.fanfare.platform.DataDirectory;
import dev.fanfare.platform.EmbeddedPostgres;
import dev.fanfare.platform.Tx;
import dev.fanfare.testing.TcpProxy;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.postgresql.ds.PGSimpleDataSource;

/** A Postgres of the drills' own, behind a proxy: it is stopped, goes back in time, or cannot be reached. */
final class DrilledPostgres implements AutoCloseable {
    static final String USER = "fanfare";

    /** Cuts the connections of all servers under drill. */
    static final String TERMINATE =
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'fanfare%'";

    private static final String DATABASE = "drill";

    /** The servers under drill may be refused every write: not whoever drills them. */
    private static final String WRITABLE = "-c default_transaction_read_only=off";

    private final DataDirectory directory;
    private final TcpProxy proxy;
    private EmbeddedPostgres server;

    private DrilledPostgres(DataDirectory directory) throws IOException {
        this.directory = directory;
        this.server = EmbeddedPostgres.start(directory);
        this.proxy = TcpProxy.to(port());
    }

    /** Starts it with a new empty database. What a former run left in the directory saves the time to make a cluster. */
    static DrilledPostgres start() throws IOException, SQLException {
        DrilledPostgres postgres = new DrilledPostgres(DataDirectory.open(Path.of("target", "drill-postgres")));
        try (Connection c = postgres.connect("postgres");
                Statement s = c.createStatement()) {
            s.execute("alter system reset all");
            s.execute("select pg_reload_conf()");
            s.execute("drop database if exists " + DATABASE + " with (force)");
            s.execute("create database " + DATABASE);
        }
        return postgres;
    }

    /** The address of its database through the proxy. */
    String url() {
        return url(proxy.port(), DATABASE);
    }

    /** The same beside the proxy. */
    String directUrl() {
        return url(port(), DATABASE);
    }

    String password() {
        return server.password();
    }

    TcpProxy proxy() {
        return proxy;
    }

    private static String url(int port, String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    int port() {
        String url = server.jdbcUrl();
        return Integer.parseInt(url.substring(url.lastIndexOf(':') + 1, url.lastIndexOf('/')));
    }

    /** Stops it as an operator does: connections are cut, what was committed is on the disk. */
    void stop() {
        server.close();
    }

    void startAgain() throws IOException {
        server = EmbeddedPostgres.start(directory);
        proxy.forward(port());
    }

    /** Remembers what the stopped server has on its disk. */
    void remember() throws IOException, InterruptedException {
        shell("rm", "-rf", "pg.then");
        shell("cp", "-a", "pg", "pg.then");
    }

    /** The stopped server has on its disk again what it had when it was told to remember. */
    void goBack() throws IOException, InterruptedException {
        shell("rm", "-rf", "pg");
        shell("mv", "pg.then", "pg");
    }

    private void shell(String... command) throws IOException, InterruptedException {
        int exit = new ProcessBuilder(command)
                .directory(directory.path().toFile())
                .inheritIO()
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + exit);
        }
    }

    /** A connection of the drill's own, beside the proxy. */
    Connection connect() throws SQLException {
        return connect(DATABASE);
    }

    private Connection connect(String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", USER);
        properties.setProperty("password", password());
        properties.setProperty("ApplicationName", "drill");
        properties.setProperty("options", WRITABLE);
        return DriverManager.getConnection(url(port(), database), properties);
    }

    Tx tx() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(url(port(), DATABASE));
        source.setUser(USER);
        source.setPassword(password());
        source.setCurrentSchema("fanfare");
        return new Tx(source);
    }

    void run(String sql) throws SQLException {
        try (Connection c = connect();
                Statement s = c.createStatement()) {
            s.execute(sql);
        }
    }

    /** The first column of what a query finds, as text. */
    List<String> all(String sql) throws SQLException {
        try (Connection c = connect();
                Statement s = c.createStatement();
                ResultSet rows = s.executeQuery(sql)) {
            List<String> all = new ArrayList<>();
            while (rows.next()) {
                all.add(rows.getString(1));
            }
            return all;
        }
    }

    int count(String fromWhere) throws SQLException {
        return Integer.parseInt(all("select count(*) from " + fromWhere).get(0));
    }

    void terminateAll() throws SQLException {
        run(TERMINATE);
    }

    @Override
    public void close() throws IOException {
        proxy.close();
        server.close();
        directory.close();
    }
}
