package dev.fanfare.delivery;

import dev.fanfare.platform.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A delivery as clients see it.
 *
 * @param reason why it is dead or cancelled; of one that waits, why its last attempt failed
 * @param attempts those that have ended
 * @param lastStatus status code of the last attempt; null when it had no answer
 * @param dueAt set while it waits
 * @param replayOf the delivered one that it repeats
 * @param replayId the last replay that asked for it
 */
public record DeliveryView(
        UUID id,
        UUID eventId,
        UUID subscriptionId,
        String type,
        ShownState state,
        @Nullable String reason,
        int attempts,
        @Nullable Integer lastStatus,
        @Nullable Instant dueAt,
        @Nullable Instant settledAt,
        @Nullable UUID replayOf,
        @Nullable UUID replayId) {

    /** Columns for {@link #read}, from {@code delivery d}, left joins {@code queue q} and {@code subscription s}. */
    static final String COLUMNS = """
            d.id, d.event_id, d.subscription_id, d.event_type, d.settled_at, d.replay_of, q.due_at,
            coalesce(q.replay_id, d.replay_id) as replay_id,
            case when q.id is null then d.reason else q.reason end as reason,
            case when q.id is null then d.attempts else q.attempts end as attempts,
            case when q.id is null then d.last_status else q.last_status end as last_status,
            case when d.state in ('delivered', 'dead', 'cancelled') then d.state
                 when d.state = 'inflight' or q.node is not null then 'inflight'
                 when s.state = 'active' then 'pending'
                 else 'held' end as shown""";

    static DeliveryView read(ResultSet rows) throws SQLException {
        return new DeliveryView(
                Sql.uuid(rows, "id"),
                Sql.uuid(rows, "event_id"),
                Sql.uuid(rows, "subscription_id"),
                rows.getString("event_type"),
                ShownState.valueOf(rows.getString("shown").toUpperCase(Locale.ROOT)),
                rows.getString("reason"),
                rows.getInt("attempts"),
                rows.getObject("last_status", Integer.class),
                Sql.instant(rows, "due_at"),
                Sql.instant(rows, "settled_at"),
                rows.getObject("replay_of", UUID.class),
                rows.getObject("replay_id", UUID.class));
    }
}
