package dev.fanfare.testing;

import dev.fanfare.platform.Migrations;
import dev.fanfare.platform.OwnConnection;
import dev.fanfare.platform.Tx;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.exceptionsorter.PostgreSQLExceptionSorter;
import io.agroal.api.security.NamePrincipal;
import io.agroal.api.security.SimplePassword;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A migrated database for store tests: one embedded Postgres and one schema per JVM, emptied after each test, with the
 * production's pool and driver settings and a session time zone that is not UTC on purpose.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final TestPostgres postgres = new TestPostgres();
 * ... postgres.tx() ...
 * }</pre>
 */
public final class TestPostgres implements BeforeAllCallback, AfterEachCallback {
    /** The id of tenant {@code default}. */
    public static final UUID TENANT = UUID.fromString("01890000-0000-7000-8000-000000000001");

    private static @Nullable AgroalDataSource pool;
    private static String url = "";

    public AgroalDataSource dataSource() {
        return start();
    }

    public Tx tx() {
        return new Tx(start());
    }

    /** A pool of one connection whose session has this setting too: for what depends on the session. Close it. */
    public AgroalDataSource oneConnection(String setting) {
        start();
        return pool(url, 1, "; " + setting);
    }

    /** A connection beside the pool, as the beat has it. */
    public OwnConnection ownConnection() {
        start();
        return ownConnectionTo(url);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        start();
    }

    @Override
    public void afterEach(ExtensionContext context) throws SQLException {
        empty();
    }

    private static synchronized AgroalDataSource start() {
        if (pool == null) {
            url = PostgresOfThisJvm.newDatabase();
            flyway(url).load().migrate();
            pool = pool(url, 20, "");
            empty();
        }
        return pool;
    }

    /** The address of a new empty database. */
    public static String newDatabase() {
        return PostgresOfThisJvm.newDatabase();
    }

    /** What a process needs to be told to use that database. */
    public static Map<String, String> environment(String url) {
        return Map.of(
                "QUARKUS_DATASOURCE_JDBC_URL",
                url,
                "QUARKUS_DATASOURCE_USERNAME",
                PostgresOfThisJvm.USER,
                "QUARKUS_DATASOURCE_PASSWORD",
                PostgresOfThisJvm.password());
    }

    /** Migrates that database as production does. */
    public static FluentConfiguration flyway(String url) {
        FluentConfiguration flyway = Flyway.configure(TestPostgres.class.getClassLoader())
                .schemas("fanfare")
                .createSchemas(true);
        new Migrations(url, Optional.of(PostgresOfThisJvm.USER), Optional.of(PostgresOfThisJvm.password()))
                .customize(flyway);
        return flyway;
    }

    /** A connection to that database beside any pool, as the beat has it. */
    public static OwnConnection ownConnectionTo(String url) {
        return new OwnConnection(url, Optional.of(PostgresOfThisJvm.USER), Optional.of(PostgresOfThisJvm.password()));
    }

    /** A small pool of connections to that database, with the production's settings. Close it. */
    public static AgroalDataSource poolOf(String url) {
        return pool(url, 2, "");
    }

    private static AgroalDataSource pool(String url, int size, String more) {
        AgroalDataSourceConfigurationSupplier supplier = new AgroalDataSourceConfigurationSupplier()
                .connectionPoolConfiguration(p -> p.maxSize(size)
                        .exceptionSorter(new PostgreSQLExceptionSorter())
                        .acquisitionTimeout(Duration.ofSeconds(2))
                        .connectionFactoryConfiguration(f -> f.jdbcUrl(url)
                                .principal(new NamePrincipal(PostgresOfThisJvm.USER))
                                .credential(new SimplePassword(PostgresOfThisJvm.password()))
                                .jdbcProperty("currentSchema", "fanfare")
                                .jdbcProperty("binaryTransferEnable", "UUID_ARRAY,TIMESTAMPTZ_ARRAY")
                                .jdbcProperty("connectTimeout", "5")
                                .jdbcProperty("socketTimeout", "15")
                                .initialSql("set time zone 'Pacific/Chatham'; set lock_timeout = 1000;"
                                        + " set statement_timeout = 10000; set idle_in_transaction_session_timeout = 5000"
                                        + more)));
        try {
            return AgroalDataSource.from(supplier);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Empties every table, partitions stay; {@code instance}, {@code maintenance}, {@code retention} and tenant {@code default} are as new. */
    private static void empty() {
        try (Connection c = start().getConnection();
                Statement s = c.createStatement()) {
            s.execute("""
                    do $$
                    declare
                        candidate regclass;
                        filled boolean;
                        tables text[] := '{}';
                    begin
                        for candidate in
                            select oid from pg_class
                            where relnamespace = 'fanfare'::regnamespace and relkind = 'r'
                              and relname not in ('flyway_schema_history', 'instance', 'maintenance', 'retention', 'tenant')
                        loop
                            -- an empty table costs a look, truncating it some new files
                            execute format('select exists (select from %s)', candidate) into filled;
                            if filled then
                                tables := tables || candidate::text;
                            end if;
                        end loop;
                        if tables <> '{}' then
                            execute 'truncate ' || array_to_string(tables, ', ') || ' cascade';
                        end if;
                    end
                    $$
                    """);
            s.execute("update instance set routing_version = 0, key_id = null, key_check = null");
            s.execute("update maintenance set done_at = now()");
            s.execute("update retention set kept_from = '00000000-0000-0000-0000-000000000000'");
            s.execute("delete from tenant where id <> '" + TENANT + "'");
            s.execute("insert into tenant (id, name) values ('" + TENANT
                    + "', 'default') on conflict (id) do update set routing_version = 0");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
