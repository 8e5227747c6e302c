package dev.fanfare.delivery;

import dev.fanfare.platform.Sql;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Says to the planner what it cannot know. Its statistics of the queue are of another time: vacuumed while it was empty,
 * the queue counts as one row until the next vacuum, and then a join in either direction looks equally cheap. So hot
 * statements name their rows by {@code id = any(…)}, and only what is not stored is joined to them.
 */
public final class Plans {
    private Plans() {}

    /** For the rest of the transaction joins go through the primary key, never over whole partitions. */
    public static void byPrimaryKey(Connection connection) throws SQLException {
        Sql.of(connection, """
                        select set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
                               set_config('enable_seqscan', 'off', true)""").list(rows -> rows.getString(1));
    }

    /**
     * For the rest of the transaction rows that are named by {@code id = any(…)} are joined in a hash with what the
     * statement brings for them: never as a loop in a loop.
     */
    public static void hashed(Connection connection) throws SQLException {
        Sql.of(connection, """
                        select set_config('enable_nestloop', 'off', true), set_config('enable_mergejoin', 'off', true),
                               set_config('enable_seqscan', 'off', true)""").list(rows -> rows.getString(1));
    }

    /**
     * For the rest of the transaction no plan is kept: one from when the queue was empty would read all of it, once a
     * backlog has come.
     */
    static void anew(Connection connection) throws SQLException {
        Sql.of(connection, "select set_config('plan_cache_mode', 'force_custom_plan', true)")
                .list(rows -> rows.getString(1));
    }
}
