package dev.fanfare.testing;

import dev.fanfare.platform.DataDirectory;
import dev.fanfare.platform.EmbeddedPostgres;
import dev.fanfare.platform.StartRefused;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The embedded Postgres of this JVM, made durable as in production, in {@code target/}. Quarkus loads test classes a
 * second time: what must be one per JVM is kept in system properties, not in static fields.
 */
final class PostgresOfThisJvm {
    private static final String PORT_URL = "test-postgres.url";
    private static final String PASSWORD = "test-postgres.password";
    private static final String DATABASES = "test-postgres.databases";
    static final String USER = "fanfare";

    private PostgresOfThisJvm() {}

    /** The address of a new empty database. */
    static String newDatabase() {
        synchronized (System.class) {
            if (System.getProperty(PORT_URL) == null) {
                start();
            }
            int number = Integer.getInteger(DATABASES, 0) + 1;
            System.setProperty(DATABASES, Integer.toString(number));
            String name = "test_" + number;
            try (Connection c = DriverManager.getConnection(url("postgres"), USER, password());
                    Statement s = c.createStatement()) {
                s.execute("drop database if exists " + name + " with (force)");
                s.execute("create database " + name);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            return url(name);
        }
    }

    private static String url(String database) {
        return System.getProperty(PORT_URL) + database;
    }

    static String password() {
        return System.getProperty(PASSWORD);
    }

    private static void start() {
        DataDirectory directory = freeDirectory();
        EmbeddedPostgres postgres = EmbeddedPostgres.start(directory);
        Runtime.getRuntime().addShutdownHook(new Thread(postgres::close, "stop-test-postgres"));
        String url = postgres.jdbcUrl();
        System.setProperty(PORT_URL, url.substring(0, url.lastIndexOf('/') + 1));
        System.setProperty(PASSWORD, postgres.password());
    }

    // Another JVM may be testing in the same directory; what a former run left saves the time for initdb.
    private static DataDirectory freeDirectory() {
        for (int number = 1; ; number++) {
            try {
                return DataDirectory.open(Path.of("target", "test-postgres-" + number));
            } catch (StartRefused e) {
                if (number == 8) {
                    throw e;
                }
            }
        }
    }
}
