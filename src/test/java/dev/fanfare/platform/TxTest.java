package dev.fanfare.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import io.agroal.api.AgroalDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TxTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private final Tx tx = postgres.tx();
    private final Rows rows = new Rows(tx);

    private static int insert(Connection connection) throws SQLException {
        return Sql.of(connection, "insert into gate values (?, 1, now())")
                .set(UUID.randomUUID())
                .update();
    }

    @Test
    void an_exception_between_two_statements_leaves_nothing_behind() {
        assertThatThrownBy(() -> tx.run(connection -> {
                    insert(connection);
                    throw new IllegalStateException("in between");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> tx.run(connection -> {
                    insert(connection);
                    throw new AssertionError("an Error too");
                }))
                .isInstanceOf(AssertionError.class);
        assertThat(rows.count("gate")).isZero();
    }

    @Test
    void a_failing_statement_undoes_those_before_it_and_says_its_state() {
        assertThatThrownBy(() -> tx.run(connection -> {
                    insert(connection);
                    return Sql.of(connection, "select 1 / 0").list(row -> row.getInt(1));
                }))
                .isInstanceOfSatisfying(DatabaseException.class, failure -> {
                    assertThat(failure.sqlState()).isEqualTo("22012");
                    assertThat(failure.refusedData()).isTrue();
                    assertThat(failure.outcomeUnknown()).isFalse();
                });
        assertThat(rows.count("gate")).isZero();
    }

    @Test
    void a_connection_is_as_new_for_the_next() {
        for (int i = 0; i < 30; i++) {
            assertThatThrownBy(() -> tx.snapshot(connection -> {
                        insert(connection);
                        throw new IllegalStateException();
                    }))
                    .isInstanceOf(IllegalStateException.class);
        }
        assertThat(tx.<Integer>statement(TxTest::insert)).isEqualTo(1);
        assertThat(rows.count("gate")).as("committed by itself").isEqualTo(1);
    }

    @Test
    void a_snapshot_sees_one_moment_and_a_transaction_each_statement_its_own() {
        tx.snapshot(connection -> {
            assertThat(count(connection)).isZero();
            tx.<Integer>statement(TxTest::insert);
            assertThat(count(connection)).isZero();
            return null;
        });
        tx.run(connection -> {
            assertThat(count(connection)).isEqualTo(1);
            tx.<Integer>statement(TxTest::insert);
            assertThat(count(connection)).isEqualTo(2);
            return null;
        });
    }

    private static int count(Connection connection) throws SQLException {
        return Sql.of(connection, "select count(*) from gate")
                .list(row -> row.getInt(1))
                .get(0);
    }

    @Test
    void a_connection_that_breaks_before_its_commit_leaves_nothing_and_in_a_lone_statement_it_is_unknown() {
        assertThatThrownBy(() -> tx.run(connection -> {
                    insert(connection);
                    return kill(connection);
                }))
                .isInstanceOfSatisfying(DatabaseException.class, failure -> assertThat(failure.outcomeUnknown())
                        .isFalse());
        assertThatThrownBy(() -> tx.statement(TxTest::kill))
                .isInstanceOfSatisfying(DatabaseException.class, failure -> assertThat(failure.outcomeUnknown())
                        .isTrue());
        assertThat(rows.count("gate")).isZero();
    }

    private static boolean kill(Connection connection) throws SQLException {
        return Sql.of(connection, "select pg_terminate_backend(pg_backend_pid())")
                .list(row -> row.getBoolean(1))
                .get(0);
    }

    /** A session keeps what it was told when it began, as a connection to a standby does. */
    @Test
    void a_pool_whose_connections_lead_to_a_standby_gets_new_ones() {
        String url = TestPostgres.newDatabase();
        String database = url.substring(url.lastIndexOf('/') + 1);
        rows.run("alter database " + database + " set default_transaction_read_only = on");
        try (AgroalDataSource pool = TestPostgres.poolOf(url)) {
            Tx standby = new Tx(pool);
            assertThatThrownBy(() -> standby.statement(TxTest::createTable))
                    .isInstanceOfSatisfying(DatabaseException.class, failure -> assertThat(failure.sqlState())
                            .isEqualTo("25006"));
            rows.run("alter database " + database + " reset default_transaction_read_only");
            Awaitility.await().ignoreExceptions().until(() -> standby.statement(TxTest::createTable) == 0);
        }
    }

    private static int createTable(Connection connection) throws SQLException {
        return Sql.of(connection, "create table public.made (id int)").update();
    }

    @Test
    void a_lock_that_another_holds_is_a_failure_to_repeat() {
        tx.run(connection -> {
            Sql.of(connection, "lock table gate in access exclusive mode").update();
            assertThatThrownBy(() -> tx.<Integer>statement(TxTest::insert))
                    .isInstanceOfSatisfying(DatabaseException.class, failure -> assertThat(failure.repeatable())
                            .isTrue());
            return null;
        });
    }
}
