package dev.fanfare.platform;

import jakarta.enterprise.context.Dependent;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * One connection outside the pool, for its user alone: a pool that somebody drained must not stop the beat. Opened on
 * demand, and again after a failure. Not for two threads.
 */
@Dependent
public class OwnConnection implements AutoCloseable {
    private final String url;
    private final Properties properties = new Properties();
    private @Nullable Connection connection;

    public OwnConnection(
            @ConfigProperty(name = "quarkus.datasource.jdbc.url") String url,
            @ConfigProperty(name = "quarkus.datasource.username") Optional<String> user,
            @ConfigProperty(name = "quarkus.datasource.password") Optional<String> password) {
        this.url = url;
        user.ifPresent(value -> properties.setProperty("user", value));
        password.ifPresent(value -> properties.setProperty("password", value));
        properties.setProperty("currentSchema", "fanfare");
        properties.setProperty("ApplicationName", "fanfare-beat");
        properties.setProperty("connectTimeout", "2");
        properties.setProperty("socketTimeout", "3");
        properties.setProperty("tcpKeepAlive", "true");
    }

    /**
     * Runs autocommitted statements.
     *
     * @throws DatabaseException after which the connection is opened anew
     */
    public <T> T run(Tx.Work<T> work) {
        try {
            Connection open = connection;
            if (open == null) {
                open = DriverManager.getConnection(url, properties);
                connection = open;
            }
            return work.in(open);
        } catch (SQLException failure) {
            close();
            throw new DatabaseException(failure, true);
        }
    }

    @Override
    public void close() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException ignored) {
                // it is not used again
            }
        }
    }
}
