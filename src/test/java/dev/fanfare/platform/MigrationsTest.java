package dev.fanfare.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import io.agroal.api.AgroalDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The step from a version whose queue is full. */
class MigrationsTest {
    private final String url = TestPostgres.newDatabase();
    private final AgroalDataSource pool = TestPostgres.poolOf(url);
    private final Tx tx = new Tx(pool);
    private Rows rows;

    @BeforeEach
    void a_server_of_the_version_before_has_a_queue() {
        TestPostgres.flyway(url).target("5").load().migrate();
        rows = new Rows(tx);
        rows.run("""
                insert into queue (id, subscription_id, due_at, queued_at, claim_no, attempts, step)
                select gen_random_uuid(), gen_random_uuid(), now(), now(), 1, 0, 0 from generate_series(1, 2000)""");
    }

    @AfterEach
    void close() {
        pool.close();
    }

    private void migrate() {
        Migrations.forgetFailed(tx);
        TestPostgres.flyway(url).load().migrate();
    }

    private void theIndexIsBuilt() {
        assertThat(rows.all("""
                        select indexrelid::regclass::text as name, indisvalid, pg_get_expr(indpred, indrelid) as predicate
                        from pg_index
                        where indrelid = 'queue'::regclass and indexrelid::regclass::text like 'queue_due%'""")).singleElement().satisfies(index -> assertThat(index)
                .containsEntry("name", "queue_due")
                .containsEntry("indisvalid", true)
                .hasEntrySatisfying(
                        "predicate", text -> assertThat(text.toString()).contains("node IS NULL")));
        assertThat(rows.count("queue")).isEqualTo(2000);
    }

    @Test
    void an_index_is_built_over_a_queue_that_is_full() {
        migrate();
        theIndexIsBuilt();
    }

    @Test
    void a_run_that_was_interrupted_half_way_is_run_again() {
        rows.run("create index queue_due_next on queue (due_at)");
        rows.run("update pg_index set indisvalid = false where indexrelid = 'queue_due_next'::regclass");
        migrate();
        theIndexIsBuilt();
    }

    @Test
    void a_run_that_was_interrupted_before_its_last_step_is_run_again() {
        rows.run("drop index queue_due");
        rows.run("create index queue_due_next on queue (due_at) where due_at is not null and node is null");
        migrate();
        theIndexIsBuilt();
    }

    @Test
    void a_run_that_failed_is_run_again() {
        rows.run("""
                insert into flyway_schema_history (installed_rank, version, description, type, script, checksum,
                                                   installed_by, execution_time, success)
                values (100, '6', 'queue due', 'SQL', 'V6__queue_due.sql', 1, 'fanfare', 1, false)""");
        migrate();
        theIndexIsBuilt();
    }

    @Test
    void a_first_start_has_no_record_of_failures() {
        String empty = TestPostgres.newDatabase();
        try (AgroalDataSource first = TestPostgres.poolOf(empty)) {
            Migrations.forgetFailed(new Tx(first));
        }
        assertThat(rows.count("queue")).isEqualTo(2000);
    }
}
