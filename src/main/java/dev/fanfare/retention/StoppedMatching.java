package dev.fanfare.retention;

import dev.fanfare.dispatch.DeliveryMetrics;
import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import dev.fanfare.subscription.LiveSubscription;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** Tells of subscriptions that have been disabled for so long that they match no more: of each once, by whichever node. */
@ApplicationScoped
public class StoppedMatching {
    private final Tx tx;
    private final DeliveryMetrics metrics;

    public StoppedMatching(Tx tx, DeliveryMetrics metrics) {
        this.tx = tx;
        this.metrics = metrics;
    }

    /** Tells of those that have stopped since this was asked the last time, on whichever replica. */
    void tell(Instant now) {
        tx.run(connection -> {
            List<UUID> stopped = stopped(connection, lastTime(connection), now);
            // before the commit: rather told twice than not at all
            stopped.forEach(metrics::stoppedMatching);
            Sql.of(connection, "update maintenance set done_at = greatest(done_at, ?) where task = 'tell-stopped'")
                    .set(now)
                    .update();
            return stopped.size();
        });
    }

    /** Replicas that ask at the same time wait for each other here. */
    private static Instant lastTime(Connection connection) throws SQLException {
        Sql.of(connection, """
                        insert into maintenance (task, done_at) values ('tell-stopped', '1970-01-01T00:00:00Z')
                        on conflict do nothing""").update();
        return Sql.of(connection, "select done_at from maintenance where task = 'tell-stopped' for update")
                .list(row -> row.getTimestamp("done_at").toInstant())
                .get(0);
    }

    private static List<UUID> stopped(Connection connection, Instant after, Instant until) throws SQLException {
        return Sql.of(connection, """
                        select id from subscription
                        where state = 'disabled' and state_since > ? and state_since <= ? order by id""")
                .set(after.minus(LiveSubscription.DISABLED_STOPS_MATCHING))
                .set(until.minus(LiveSubscription.DISABLED_STOPS_MATCHING))
                .list(row -> Sql.uuid(row, "id"));
    }
}
