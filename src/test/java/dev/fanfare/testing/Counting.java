package dev.fanfare.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** A data source that counts the statements and commits which go through it. Not for use by many threads. */
public final class Counting {
    private final DataSource target;
    private int statements;
    private int commits;

    public Counting(DataSource target) {
        this.target = target;
    }

    public DataSource dataSource() {
        return wrap(DataSource.class, target);
    }

    /** Statements run so far, each row of a JDBC batch as one. */
    public int statements() {
        return statements;
    }

    /** Transactions committed so far: a statement on its own is one too. */
    public int commits() {
        return commits;
    }

    private <T> T wrap(Class<T> type, T wrapped) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    count(method.getName(), wrapped);
                    try {
                        return connected(method.invoke(wrapped, arguments));
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                }));
    }

    private void count(String method, Object on) throws SQLException {
        if (on instanceof Statement statement
                && (method.startsWith("execute") && !method.endsWith("Batch") || method.equals("addBatch"))) {
            statements++;
            commits += statement.getConnection().getAutoCommit() ? 1 : 0;
        } else if (on instanceof Connection && method.equals("commit")) {
            commits++;
        }
    }

    private Object connected(Object result) {
        if (result instanceof Connection connection) {
            return wrap(Connection.class, connection);
        }
        if (result instanceof PreparedStatement prepared) {
            return wrap(PreparedStatement.class, prepared);
        }
        return result instanceof Statement statement ? wrap(Statement.class, statement) : result;
    }
}
