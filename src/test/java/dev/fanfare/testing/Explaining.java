package dev.fanfare.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A data source that explains each query, with the very parameters it gets, before it runs it: what a store really
 * does, not a copy of its SQL.
 */
public final class Explaining {
    private static final Pattern SCAN = Pattern.compile(" on ((?:event|delivery|attempt)_[0-9]{8})\\b(.*)");

    private final DataSource target;
    private final List<String> plans = new ArrayList<>();

    public Explaining(DataSource target) {
        this.target = target;
    }

    public DataSource dataSource() {
        return wrap(
                DataSource.class,
                target,
                (method, arguments, result) ->
                        result instanceof Connection connection ? connection(connection) : result);
    }

    /** The plans since the last call. */
    public List<String> plans() {
        List<String> seen = List.copyOf(plans);
        plans.clear();
        return seen;
    }

    /** The partitions that a plan has looked into. */
    public static TreeSet<String> partitions(String plan) {
        TreeSet<String> partitions = new TreeSet<>();
        Matcher scan = SCAN.matcher(plan);
        while (scan.find()) {
            if (!scan.group(2).contains("never executed")) {
                partitions.add(scan.group(1));
            }
        }
        return partitions;
    }

    private Connection connection(Connection connection) {
        return wrap(Connection.class, connection, (method, arguments, result) -> {
            if (!method.getName().equals("prepareStatement")) {
                return result;
            }
            PreparedStatement explain = connection.prepareStatement(
                    "explain (analyze, costs off, timing off, summary off) " + arguments[0]);
            return statement((PreparedStatement) result, explain);
        });
    }

    private PreparedStatement statement(PreparedStatement statement, PreparedStatement explain) {
        return wrap(PreparedStatement.class, statement, (method, arguments, result) -> {
            if (method.getName().startsWith("set")) {
                method.invoke(explain, arguments);
            } else if (method.getName().equals("executeQuery")) {
                plans.add(plan(explain));
            } else if (method.getName().equals("close")) {
                explain.close();
            }
            return result;
        });
    }

    private static String plan(PreparedStatement explain) throws SQLException {
        StringBuilder plan = new StringBuilder();
        try (ResultSet lines = explain.executeQuery()) {
            while (lines.next()) {
                plan.append(lines.getString(1)).append('\n');
            }
        }
        return plan.toString();
    }

    @FunctionalInterface
    private interface After {
        @Nullable
        Object apply(Method method, Object[] arguments, @Nullable Object result) throws Exception;
    }

    private static <T> T wrap(Class<T> type, T wrapped, After after) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) -> {
                    Object[] arguments = given == null ? new Object[0] : given;
                    try {
                        return after.apply(method, arguments, method.invoke(wrapped, arguments));
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                }));
    }
}
