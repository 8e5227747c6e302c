package dev.fanfare.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TestPostgresTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    @RepeatedTest(2)
    void each_test_finds_the_tables_empty() throws SQLException {
        try (Connection c = postgres.dataSource().getConnection();
                Statement s = c.createStatement()) {
            assertThat(one(s, "select count(*) from replay")).isEqualTo("0");
            assertThat(one(s, "select string_agg(name, ',') from tenant")).isEqualTo("default");
            s.execute("insert into tenant (id, name) values (gen_random_uuid(), 'other')");
            s.execute("insert into replay (id, tenant_id, state, selector, webhook_id, created_at)"
                    + " select gen_random_uuid(), id, 'running', '{}', 'same', now() from tenant");
        }
    }

    @Test
    void sessions_are_durable_and_not_in_utc() throws SQLException {
        try (Connection c = postgres.dataSource().getConnection();
                Statement s = c.createStatement()) {
            for (String setting : new String[] {"fsync", "full_page_writes", "synchronous_commit", "data_checksums"}) {
                assertThat(one(s, "show " + setting)).as(setting).isEqualTo("on");
            }
            assertThat(one(s, "show timezone")).isEqualTo("Pacific/Chatham");
            assertThat(one(s, "select current_schema()")).isEqualTo("fanfare");
        }
    }

    private static String one(Statement s, String sql) throws SQLException {
        try (ResultSet r = s.executeQuery(sql)) {
            assertThat(r.next()).isTrue();
            return r.getString(1);
        }
    }
}
