package dev.fanfare.testing;

import dev.fanfare.delivery.Claim;
import dev.fanfare.filter.Filter;
import dev.fanfare.platform.DayPartitions;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.subscription.RetryPolicy;
import dev.fanfare.subscription.Settings;
import java.sql.ResultSetMetaData;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Puts rows into the tables as other steps would have left them, and reads them back by column name. */
public final class Rows {
    /** Noon of a day whose partitions, and the next day's, exist. */
    public static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final Tx tx;

    public Rows(Tx tx) {
        this.tx = tx;
        new DayPartitions(tx).ensure(NOW, 1);
    }

    /** A registered node. */
    public UUID node() {
        UUID id = Ids.at(NOW);
        run(
                "insert into node (id, place, floor) values (?, ?, ?)",
                id,
                UUID.randomUUID(),
                Ids.lowest(NOW.minusSeconds(10)));
        return id;
    }

    /** Declares a node gone at {@link #NOW}. */
    public void gone(UUID node) {
        run("update node set gone_at = ?::timestamptz where id = ?", NOW.toString(), node);
    }

    public UUID subscription() {
        return subscription("active", "https://receiver.example/");
    }

    public UUID subscription(String state, String sink) {
        UUID id = Ids.at(NOW);
        run("update tenant set routing_version = routing_version + 1 where id = ?", TestPostgres.TENANT);
        run(
                """
                insert into subscription (id, tenant_id, state, state_reason, state_since, config, routing_version,
                                          created_at, updated_at, deleted_at)
                select ?, t.id, ?, case when ? = 'disabled' then 'gone' end, ?::timestamptz, ?, t.routing_version,
                       ?::timestamptz, ?::timestamptz, case when ? = 'deleted' then ?::timestamptz end
                from tenant t where t.id = ?""",
                id,
                state,
                state,
                NOW.toString(),
                "{\"sink\":\"" + sink + "\"}",
                NOW.toString(),
                NOW.toString(),
                state,
                NOW.toString(),
                TestPostgres.TENANT);
        return id;
    }

    /** An active subscription with this configuration, as the API stores it. */
    public UUID subscribed(String config) {
        UUID id = subscription();
        run("update subscription set config = ? where id = ?", config, id);
        return id;
    }

    /** The same as attempts see it, at sink revision 1. */
    public static LiveSubscription live(UUID id, int sinkRevision) {
        return new LiveSubscription(
                id,
                TestPostgres.TENANT,
                LiveSubscription.State.ACTIVE,
                "https://receiver.example/",
                sinkRevision,
                1,
                new Filter.All(List.of()),
                new Settings(
                        Settings.ContentMode.STRUCTURED,
                        null,
                        Map.of(),
                        Duration.ofSeconds(15),
                        4,
                        new RetryPolicy(List.of(Duration.ofSeconds(5)), 0, Duration.ofDays(1), Set.of(400))),
                List.of(),
                null,
                Instant.EPOCH);
    }

    public UUID event(Instant time) {
        UUID id = Ids.at(time);
        run("""
                insert into event (id, tenant_id, ce_id, source, type, data_kind, data)
                values (?, ?, ?, '/rows', 'row.made', 'json', '{"a": 1.0}')""", id, TestPostgres.TENANT, id.toString());
        return id;
    }

    /** A delivery that was handed to a node with its accept at {@link #NOW}. */
    public Claim fresh(UUID node, UUID subscription) {
        return fresh(node, subscription, NOW);
    }

    public Claim fresh(UUID node, UUID subscription, Instant time) {
        UUID event = event(time);
        UUID id = Ids.at(time);
        run("""
                insert into delivery (id, event_id, subscription_id, tenant_id, event_type, state, node)
                values (?, ?, ?, ?, 'row.made', 'inflight', ?)""", id, event, subscription, TestPostgres.TENANT, node);
        return Claim.fresh(node, id, subscription);
    }

    /** A delivery that waits in the queue, never attempted. */
    public UUID waiting(UUID subscription, Instant due) {
        UUID event = event(NOW);
        UUID id = Ids.at(NOW);
        run("""
                insert into delivery (id, event_id, subscription_id, tenant_id, event_type, state)
                values (?, ?, ?, ?, 'row.made', 'pending')""", id, event, subscription, TestPostgres.TENANT);
        run("""
                insert into queue (id, subscription_id, due_at, queued_at, claim_no, attempts, step)
                values (?, ?, ?::timestamptz, ?::timestamptz, 1, 0, 0)""", id, subscription, due.toString(), NOW.toString());
        return id;
    }

    /** A running replay that has queued {@code queued} deliveries. */
    public UUID replay(int queued) {
        UUID id = Ids.at(NOW);
        run("""
                insert into replay (id, tenant_id, state, selector, webhook_id, created_at, matched, queued, open)
                values (?, ?, 'running', '{}', 'same', ?::timestamptz, ?, ?, ?)""", id, TestPostgres.TENANT, NOW.toString(), queued, queued, queued);
        return id;
    }

    public int run(String sql, Object... parameters) {
        return tx.statement(connection -> {
            try (var statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < parameters.length; i++) {
                    statement.setObject(i + 1, parameters[i]);
                }
                return statement.executeUpdate();
            }
        });
    }

    /** All columns of the rows that a query finds; instants as {@link Instant}. */
    public List<Map<String, Object>> all(String sql, UUID... parameters) {
        return tx.statement(connection -> {
            Sql statement = Sql.of(connection, sql);
            for (UUID parameter : parameters) {
                statement.set(parameter);
            }
            return statement.list(row -> {
                Map<String, Object> columns = new LinkedHashMap<>();
                ResultSetMetaData names = row.getMetaData();
                for (int i = 1; i <= names.getColumnCount(); i++) {
                    String name = names.getColumnLabel(i);
                    boolean time = names.getColumnTypeName(i).equals("timestamptz");
                    columns.put(name, time ? Sql.instant(row, name) : row.getObject(i));
                }
                return columns;
            });
        });
    }

    public Map<String, Object> delivery(UUID id) {
        return all("select * from delivery where id = ?", id).get(0);
    }

    /** Empty when it is not in the queue. */
    public Map<String, Object> queued(UUID id) {
        return all("select * from queue where id = ?", id).stream().findFirst().orElse(Map.of());
    }

    /** By claim number. */
    public List<Map<String, Object>> attempts(UUID id) {
        return all("select * from attempt where delivery_id = ? order by claim_no", id);
    }

    public long count(String table) {
        return (Long) all("select count(*) as n from " + table).get(0).get("n");
    }
}
