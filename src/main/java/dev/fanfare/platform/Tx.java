package dev.fanfare.platform;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.AgroalDataSource.FlushMode;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/**
 * The one way to plain JDBC. Agroal commits what is open when a connection is closed, so half of a transaction would
 * be kept by an exception: here everything is rolled back on any Throwable.
 */
@ApplicationScoped
public class Tx {
    private final DataSource dataSource;

    public Tx(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    /** Work inside one transaction. */
    @FunctionalInterface
    public interface Work<T> {
        T in(Connection connection) throws SQLException;
    }

    /**
     * Runs the work in one READ COMMITTED transaction and commits it.
     *
     * @throws DatabaseException for any SQLException; {@link DatabaseException#outcomeUnknown()} tells whether the
     *     COMMIT may have happened
     */
    public <T> T run(Work<T> work) {
        boolean connected = false;
        boolean committing = false;
        try (Connection connection = dataSource.getConnection()) {
            connected = true;
            try {
                connection.setAutoCommit(false);
                T result = work.in(connection);
                committing = true;
                connection.commit();
                return result;
            } catch (Throwable failure) {
                rollback(connection, failure);
                throw failure;
            }
        } catch (SQLException failure) {
            renewPool(connected, failure);
            throw new DatabaseException(failure, committing);
        }
    }

    /** Runs the work on one snapshot (REPEATABLE READ): all its statements see the same moment. */
    public <T> T snapshot(Work<T> work) {
        return run(connection -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute("set transaction isolation level repeatable read");
            }
            return work.in(connection);
        });
    }

    /**
     * Runs one statement that is its own transaction: no BEGIN and COMMIT on the wire.
     *
     * @throws DatabaseException whose outcome is unknown when the connection broke
     */
    public <T> T statement(Work<T> work) {
        boolean running = false;
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(true);
            running = true;
            return work.in(connection);
        } catch (SQLException failure) {
            renewPool(running, failure);
            throw new DatabaseException(failure, running);
        }
    }

    /**
     * A connection that broke, or that leads to a server which is a standby now, is not alone. All of them are made anew,
     * those in use when they come back: one by one, each would cost somebody a failure first, or a timeout, and a pool
     * keeps for ever what a standby refuses.
     */
    private void renewPool(boolean connected, SQLException failure) {
        String state = failure.getSQLState();
        if (connected
                && state != null
                && state.matches("08...|57P..|25006")
                && dataSource instanceof AgroalDataSource pool) {
            pool.flush(FlushMode.GRACEFUL);
        }
    }

    private static void rollback(Connection connection, Throwable failure) {
        try {
            connection.rollback();
        } catch (SQLException rollbackFailure) {
            failure.addSuppressed(rollbackFailure);
        }
    }
}
