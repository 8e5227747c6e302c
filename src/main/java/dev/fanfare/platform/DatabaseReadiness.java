package dev.fanfare.platform;

import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** {@code /q/health/ready}: migrated, durable, the right key, and answering now; with the reason where it is not. */
@Readiness
@Singleton
final class DatabaseReadiness implements HealthCheck {
    private final Database database;
    private final Tx tx;

    DatabaseReadiness(Database database, Tx tx) {
        this.database = database;
        this.tx = tx;
    }

    @Override
    public HealthCheckResponse call() {
        String reason = database.isReady() ? notAnswering() : database.waitsFor();
        var response = HealthCheckResponse.named("database").status(reason.isEmpty());
        return reason.isEmpty()
                ? response.build()
                : response.withData("reason", reason).build();
    }

    private String notAnswering() {
        try {
            return tx.statement(connection -> connection.isValid(2)) ? "" : "the connection is broken";
        } catch (DatabaseException e) {
            return "the database does not answer: " + e.getMessage();
        }
    }
}
