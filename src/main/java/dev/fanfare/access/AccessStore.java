package dev.fanfare.access;

import dev.fanfare.platform.Ids;
import dev.fanfare.platform.Tx;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;

/** Tenants and keys in the database. */
@Singleton
final class AccessStore {
    private final Tx tx;
    private final InstantSource clock;

    AccessStore(Tx tx, InstantSource clock) {
        this.tx = tx;
        this.clock = clock;
    }

    /**
     * All that authentication needs to know.
     *
     * @param keys operators' keys by the SHA-256 of their text, in hex
     * @param tenants by name
     */
    record Known(Map<String, UUID> keys, Map<String, UUID> tenants) {}

    /**
     * Makes tenant {@code default}, and the first operator key where there is none. Replicas that start together wait for
     * each other: one makes it.
     *
     * @param newKey makes the text of a key and keeps it for the operator; called at most once, before the commit
     * @return whether the key was made
     */
    boolean first(Supplier<String> newKey) {
        return tx.run(connection -> {
            takeTurn(connection);
            makeDefaultTenant(connection);
            if (operatorKeyExists(connection)) {
                return false;
            }
            try (PreparedStatement insert = connection.prepareStatement("""
                    insert into fanfare.api_key (id, role, hash) values (?, 'operator', ?)
                    """)) {
                insert.setObject(1, Ids.at(clock.instant()));
                insert.setBytes(2, ApiKey.hash(newKey.get()));
                insert.executeUpdate();
            }
            return true;
        });
    }

    /** Makes tenant {@code default} alone: the operator's key comes by configuration. */
    void firstTenant() {
        tx.run(connection -> {
            makeDefaultTenant(connection);
            return true;
        });
    }

    Known load() {
        return tx.run(connection -> new Known(ids(connection, """
                        select encode(hash, 'hex'), id from fanfare.api_key where role = 'operator'
                        """), ids(connection, """
                        select name, id from fanfare.tenant
                        """)));
    }

    private static void takeTurn(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("""
                    select from fanfare.instance for update
                    """);
        }
    }

    private void makeDefaultTenant(Connection connection) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("""
                insert into fanfare.tenant (id, name) values (?, 'default') on conflict (name) do nothing
                """)) {
            insert.setObject(1, Ids.at(clock.instant()));
            insert.executeUpdate();
        }
    }

    private static boolean operatorKeyExists(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        select exists (select from fanfare.api_key where role = 'operator')
                        """)) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private static Map<String, UUID> ids(Connection connection, String sql) throws SQLException {
        Map<String, UUID> ids = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                ids.put(rows.getString(1), rows.getObject(2, UUID.class));
            }
        }
        return Map.copyOf(ids);
    }
}
