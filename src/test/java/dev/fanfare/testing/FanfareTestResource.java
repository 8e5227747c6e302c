package dev.fanfare.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.net.SocketException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gives a {@code @QuarkusTest} a new database on this JVM's Postgres, and an operator key:
 * {@code @QuarkusTestResource(FanfareTestResource.class)}.
 */
public final class FanfareTestResource implements QuarkusTestResourceLifecycleManager {
    /** {@code Authorization: Bearer} this. */
    public static final String OPERATOR_KEY = "operator-key-of-the-tests-with-48-characters-000";

    /** A name that resolves to 127.0.0.1. */
    public static final String LOOPBACK_NAME = "sink.example";

    /** A name that resolves to an address that is not public. */
    public static final String PRIVATE_NAME = "private.example";

    private @Nullable FakeDns names;

    @Override
    public Map<String, String> start() {
        Map<String, String> settings = new HashMap<>();
        settings.put("quarkus.datasource.jdbc.url", PostgresOfThisJvm.newDatabase());
        settings.put("quarkus.datasource.username", PostgresOfThisJvm.USER);
        settings.put("quarkus.datasource.password", PostgresOfThisJvm.password());
        settings.put("fanfare.access.operator-key", OPERATOR_KEY);
        // base64 of 32 bytes
        settings.put("fanfare.encryption-key", "dGVzdHMtb25seS1rZXktb2YtdGhpcnR5LXR3by1ieXQ=");
        // not the directory of somebody who tries the server out here
        settings.put("fanfare.data-dir", "target/test-data");
        settings.put("fanfare.attempt.allow-http", "true");
        settings.put("fanfare.attempt.allowed-networks", "127.0.0.0/8");
        settings.put("fanfare.attempt.name-servers", nameServer());
        // a busy machine is no reason for a 503, and who drips a body is cut off while a test waits
        settings.put("fanfare.ingest.commit-timeout", "PT10S");
        settings.put("fanfare.ingest.read-timeout", "PT5S");
        settings.put("quarkus.http.idle-timeout", "5S");
        // what nobody holds is found in seconds
        settings.put("fanfare.dispatch.unheld-after", "PT3S");
        return settings;
    }

    private String nameServer() {
        try {
            names = new FakeDns().name(LOOPBACK_NAME, "127.0.0.1").name(PRIVATE_NAME, "10.0.0.1");
            return names.server();
        } catch (SocketException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void stop() {
        // The database goes with the next run's directory, the server with this JVM.
        if (names != null) {
            names.close();
        }
    }
}
