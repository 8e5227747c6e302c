package dev.fanfare.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A data source that counts the statements and commits which go through it, and keeps the plans that really ran, where
 * the session has {@link #PLANS}. Not for use by many threads.
 */
public final class Watched {
    /** Session settings: the server sends each plan with what its steps have done, and plans as for any parameters. */
    public static final String PLANS = "load 'auto_explain'; set auto_explain.log_min_duration = 0;"
            + " set auto_explain.log_analyze = on; set auto_explain.log_timing = off;"
            + " set auto_explain.log_parameter_max_length = 0; set auto_explain.log_level = notice; set plan_cache_mode = force_generic_plan";

    private static final Pattern STEP = Pattern.compile("\\(actual rows=([0-9.]+) loops=([0-9]+)\\)");
    private static final Pattern REMOVED = Pattern.compile("Rows Removed by [A-Za-z ]+: ([0-9]+)");

    private final DataSource target;
    private final List<String> plans = new ArrayList<>();
    private int statements;
    private int commits;

    public Watched(DataSource target) {
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

    /** The plans since the last call. */
    public List<String> plans() {
        List<String> seen = List.copyOf(plans);
        plans.clear();
        return seen;
    }

    /** The most rows that one step of a plan gave or threw away, in all its loops. */
    public static double mostRows(String plan) {
        double most = 0;
        double loops = 1;
        for (String line : plan.lines().toList()) {
            Matcher step = STEP.matcher(line);
            Matcher removed = REMOVED.matcher(line);
            if (step.find()) {
                loops = Double.parseDouble(step.group(2));
                most = Math.max(most, loops * Double.parseDouble(step.group(1)));
            } else if (removed.find()) {
                most = Math.max(most, loops * Double.parseDouble(removed.group(1)));
            }
        }
        return most;
    }

    private <T> T wrap(Class<T> type, T wrapped) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    watch(method.getName(), wrapped);
                    try {
                        Object result = method.invoke(wrapped, arguments);
                        return method.getName().equals("unwrap") ? result : connected(result);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                }));
    }

    private void watch(String method, Object on) throws SQLException {
        if (on instanceof Connection) {
            commits += method.equals("commit") ? 1 : 0;
        } else if (on instanceof Statement statement) {
            if (method.startsWith("execute") && !method.endsWith("Batch") || method.equals("addBatch")) {
                statements++;
                commits += statement.getConnection().getAutoCommit() ? 1 : 0;
            } else if (method.equals("close")) {
                for (SQLWarning said = statement.getWarnings(); said != null; said = said.getNextWarning()) {
                    plans.add(said.getMessage());
                }
            }
        }
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
}
