package dev.fanfare.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/**
 * Gives a {@code @QuarkusTest} a new database on this JVM's Postgres, and an operator key:
 * {@code @QuarkusTestResource(FanfareTestResource.class)}.
 */
public final class FanfareTestResource implements QuarkusTestResourceLifecycleManager {
    /** {@code Authorization: Bearer} this. */
    public static final String OPERATOR_KEY = "operator-key-of-the-tests-with-48-characters-000";

    @Override
    public Map<String, String> start() {
        return Map.of(
                "quarkus.datasource.jdbc.url",
                PostgresOfThisJvm.newDatabase(),
                "quarkus.datasource.username",
                PostgresOfThisJvm.USER,
                "quarkus.datasource.password",
                PostgresOfThisJvm.password(),
                "fanfare.access.operator-key",
                OPERATOR_KEY,
                // base64 of 32 bytes
                "fanfare.encryption-key",
                "dGVzdHMtb25seS1rZXktb2YtdGhpcnR5LXR3by1ieXQ=",
                // not the directory of somebody who tries the server out here
                "fanfare.data-dir",
                "target/test-data");
    }

    @Override
    public void stop() {
        // The database goes with the next run's directory, the server with this JVM.
    }
}
