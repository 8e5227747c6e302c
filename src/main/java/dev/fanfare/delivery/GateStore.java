package dev.fanfare.delivery;

import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** Lanes that a Retry-After closed: rows, so that every replica obeys. */
@ApplicationScoped
public class GateStore {
    private final Tx tx;

    public GateStore(Tx tx) {
        this.tx = tx;
    }

    /** A lane that is closed until a time, by an answer of the sink with that revision. */
    public record Gate(UUID subscriptionId, int sinkRevision, Instant closedUntil) {}

    /** All gates that are closed at {@code now}. */
    public Collection<Gate> closed(Instant now) {
        return tx.statement(connection -> Sql.of(
                        connection,
                        "select subscription_id, sink_revision, closed_until from gate where closed_until > ?")
                .set(now)
                .list(rows -> new Gate(
                        Sql.uuid(rows, "subscription_id"),
                        rows.getInt("sink_revision"),
                        rows.getTimestamp("closed_until").toInstant())));
    }

    /** Removes gates that have been open again for a day. */
    public int removeOpen(Instant now) {
        return tx.statement(connection -> Sql.of(connection, "delete from gate where closed_until < ?")
                .set(now.minus(Duration.ofDays(1)))
                .update());
    }

    /** Closes the lanes whose attempts said so, where the sink is still the one attempted; the greatest time wins. */
    void close(Connection connection, Collection<Settlement> batch) throws SQLException {
        record Sink(UUID subscriptionId, int revision) {}
        Map<Sink, Gate> gates = new HashMap<>();
        for (Settlement s : batch) {
            Instant until = s.laneClosedUntil();
            if (until != null) {
                Sink sink = new Sink(s.claim().subscriptionId(), s.attempted().sinkRevision());
                gates.merge(
                        sink,
                        new Gate(sink.subscriptionId(), sink.revision(), until),
                        (a, b) -> a.closedUntil().isAfter(b.closedUntil()) ? a : b);
            }
        }
        if (gates.isEmpty()) {
            return;
        }
        Collection<Gate> closing = gates.values();
        Sql.of(connection, """
                        insert into gate as g (subscription_id, sink_revision, closed_until)
                        select w.id, w.revision, w.until from unnest(?, ?, ?) as w(id, revision, until)
                        join subscription s on s.id = w.id and s.sink_revision = w.revision
                        order by w.id
                        on conflict (subscription_id) do update
                        set sink_revision = excluded.sink_revision,
                            closed_until = case when g.sink_revision = excluded.sink_revision
                                                then greatest(g.closed_until, excluded.closed_until)
                                                else excluded.closed_until end""")
                .uuids(closing, Gate::subscriptionId)
                .ints(closing, Gate::sinkRevision)
                .times(closing, Gate::closedUntil)
                .update();
    }
}
