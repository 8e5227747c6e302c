package dev.fanfare.testing;

import dev.fanfare.platform.DatabaseException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * A data source whose server process is ended at a chosen point, right before or right after one of the statements that go
 * through it; the driver says so as it always does. A COMMIT is a statement too. Not for use by many threads.
 */
public final class Breakable {
    /** On which side of a statement it breaks. */
    public enum Side {
        BEFORE,
        AFTER
    }

    private final DataSource target;
    /** Statements until it breaks; 0: it does not. */
    private int left;

    private Side side = Side.BEFORE;
    private boolean broken;

    public Breakable(DataSource target) {
        this.target = target;
    }

    public DataSource dataSource() {
        return wrap(DataSource.class, target);
    }

    /** Breaks at a statement, counted from 1 and from now, COMMITs included. */
    public void breakAt(int statement, Side where) {
        left = statement;
        side = where;
        broken = false;
    }

    /** From now on nothing breaks. Returns whether nothing has since this was called before. */
    public boolean mend() {
        boolean whole = !broken;
        left = 0;
        broken = false;
        return whole;
    }

    private <T> T wrap(Class<T> type, T wrapped) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    boolean here = left > 0 && counts(method, wrapped) && --left == 0;
                    if (here && side == Side.BEFORE) {
                        end(connection(wrapped));
                    }
                    Object result = call(method, wrapped, arguments);
                    if (here && side == Side.AFTER) {
                        Connection connection = connection(wrapped);
                        end(connection);
                        notice(connection);
                    }
                    return method.getName().equals("unwrap") ? result : connected(result);
                }));
    }

    private static @Nullable Object call(Method method, Object on, Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(on, arguments);
        } catch (InvocationTargetException thrown) {
            throw thrown.getCause();
        }
    }

    private static boolean counts(Method method, Object on) {
        return on instanceof Statement && method.getName().startsWith("execute")
                || on instanceof Connection && method.getName().equals("commit");
    }

    private static Connection connection(Object of) throws SQLException {
        return of instanceof Statement statement ? statement.getConnection() : (Connection) of;
    }

    /** When this returns the server has forgotten the session, its locks and what it had not committed. */
    private void end(Connection connection) throws SQLException {
        broken = true;
        int pid = connection.unwrap(PGConnection.class).getBackendPID();
        try (Connection other = target.getConnection();
                PreparedStatement terminate = other.prepareStatement("select pg_terminate_backend(?)");
                PreparedStatement look = other.prepareStatement("select from pg_stat_activity where pid = ?")) {
            terminate.setInt(1, pid);
            terminate.execute();
            look.setInt(1, pid);
            // the server's own way to wait looks only every 100 ms
            while (lives(look)) {
                Thread.onSpinWait();
            }
        }
    }

    private static boolean lives(PreparedStatement look) throws SQLException {
        try (ResultSet rows = look.executeQuery()) {
            return rows.next();
        }
    }

    /** The pool must see the driver's error, or it would give this connection to somebody else. */
    private static void notice(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("select 1");
        }
        throw new IllegalStateException("The server process lives");
    }

    private @Nullable Object connected(@Nullable Object result) {
        if (result instanceof Connection connection) {
            return wrap(Connection.class, connection);
        }
        if (result instanceof PreparedStatement prepared) {
            return wrap(PreparedStatement.class, prepared);
        }
        return result instanceof Statement statement ? wrap(Statement.class, statement) : result;
    }

    /** What is done to the tables, and what must be true of them however it ended. */
    public interface Drill {
        /** Puts rows there for one run. */
        void prepare();

        /** Runs, and may break. */
        void run();

        /**
         * Recovers and takes account.
         *
         * @param broken the error that the run ended with; null when it knew of none
         */
        void recover(@Nullable DatabaseException broken);
    }

    /** Runs a drill broken at the first statement, the second one, and so on, until it runs through. Returns how many it took. */
    public int breakEverywhere(Side where, Drill drill) {
        for (int statement = 1; ; statement++) {
            drill.prepare();
            breakAt(statement, where);
            DatabaseException broken = null;
            try {
                drill.run();
            } catch (DatabaseException failure) {
                broken = failure;
            }
            boolean ranThrough = left > 0;
            mend();
            try {
                drill.recover(broken);
            } catch (RuntimeException | AssertionError failure) {
                throw new AssertionError("broken " + where + " statement " + statement, failure);
            }
            if (ranThrough) {
                return statement - 1;
            }
        }
    }
}
