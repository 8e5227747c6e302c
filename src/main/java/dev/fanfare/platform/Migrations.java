package dev.fanfare.platform;

import io.quarkus.flyway.FlywayConfigurationCustomizer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * How Flyway reaches the database: over connections of its own, without the pool's time limits, since an index over a
 * large queue takes as long as it takes.
 */
@ApplicationScoped
public class Migrations implements FlywayConfigurationCustomizer {
    private final PGSimpleDataSource database = new PGSimpleDataSource();

    public Migrations(
            @ConfigProperty(name = "quarkus.datasource.jdbc.url") String url,
            @ConfigProperty(name = "quarkus.datasource.username") Optional<String> user,
            @ConfigProperty(name = "quarkus.datasource.password") Optional<String> password) {
        database.setUrl(url);
        user.ifPresent(database::setUser);
        password.ifPresent(database::setPassword);
        database.setApplicationName("fanfare-migration");
        database.setConnectTimeout(5);
        database.setTcpKeepAlive(true);
    }

    @Override
    public void customize(FluentConfiguration flyway) {
        flyway.dataSource(database);
        // a later version has only added to the schema: while replicas are replaced, and after a step back, this one
        // goes
        // on
        flyway.ignoreMigrationPatterns("*:future");
        // an index that is built concurrently would wait for the transaction that holds Flyway's lock
        flyway.getConfigurationExtension(PostgreSQLConfigurationExtension.class).setTransactionalLock(false);
    }

    /** A migration that failed outside of a transaction stays on record, and Flyway would never run it again. */
    static void forgetFailed(Tx tx) {
        tx.run(connection -> Sql.of(connection, """
                        do $$
                        begin
                          if to_regclass('fanfare.flyway_schema_history') is not null then
                            delete from fanfare.flyway_schema_history where not success;
                          end if;
                        end
                        $$""").update());
    }
}
