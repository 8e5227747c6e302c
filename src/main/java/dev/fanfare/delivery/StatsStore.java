package dev.fanfare.delivery;

import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.UUID;

/** Per subscription and UTC day: how many were delivered and cancelled. */
@ApplicationScoped
public class StatsStore {
    private final Tx tx;

    public StatsStore(Tx tx) {
        this.tx = tx;
    }

    /** What came to a subscription since the last time. */
    public record Delta(UUID subscriptionId, long delivered, long cancelled, Instant lastDeliveredAt) {}

    /** Adds deltas to the day of {@code now}. */
    public void add(Collection<Delta> deltas, Instant now) {
        tx.statement(connection -> Sql.of(connection, """
                        insert into subscription_stats as s (subscription_id, day, delivered, cancelled, last_delivered_at)
                        select w.id, ?::date, w.delivered, w.cancelled, w.last
                        from unnest(?, ?, ?, ?) as w(id, delivered, cancelled, last)
                        order by w.id
                        on conflict (subscription_id, day) do update
                        set delivered = s.delivered + excluded.delivered, cancelled = s.cancelled + excluded.cancelled,
                            last_delivered_at = greatest(s.last_delivered_at, excluded.last_delivered_at)""")
                .set(LocalDate.ofInstant(now, ZoneOffset.UTC).toString())
                .uuids(deltas, Delta::subscriptionId)
                .longs(deltas, Delta::delivered)
                .longs(deltas, Delta::cancelled)
                .times(deltas, d -> d.delivered() == 0 ? null : d.lastDeliveredAt())
                .update());
    }
}
