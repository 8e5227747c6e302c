package dev.fanfare.delivery;

import dev.fanfare.platform.Sql;
import java.sql.Connection;
import java.sql.SQLException;

/** Says to the planner what it cannot know of ids in arrays: that they are few, and a primary key away. */
public final class Plans {
    private Plans() {}

    /** For the rest of the transaction joins go through the primary key, never over whole partitions. */
    public static void byPrimaryKey(Connection connection) throws SQLException {
        Sql.of(connection, """
                        select set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
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
