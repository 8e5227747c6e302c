package dev.fanfare.delivery;

import dev.fanfare.platform.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What history says of a delivery that is over.
 *
 * @param reason null when it was delivered
 * @param status of the last answer, null when there was none
 */
record End(
        DeliveryState state,
        @Nullable Reason reason,
        @Nullable Integer status,
        int attempts,
        int claimNumber) {

    /**
     * Makes deliveries final in history. Those with the same end share a statement, which names them by their ids alone.
     *
     * @param holder the node that holds them there; null: their queue rows, which said who holds them, are gone already
     * @return those that the holder still held
     */
    static Set<UUID> write(Connection connection, Map<End, List<UUID>> ends, @Nullable UUID holder, Instant now)
            throws SQLException {
        Set<UUID> written = new HashSet<>();
        for (var each : ends.entrySet()) {
            written.addAll(each.getKey().write(connection, each.getValue(), holder, now));
        }
        return written;
    }

    private List<UUID> write(Connection connection, List<UUID> ids, @Nullable UUID holder, Instant now)
            throws SQLException {
        IdRange range = IdRange.of(ids);
        return Sql.of(connection, """
                        update delivery
                        set state = ?, reason = ?, dead = ?, node = null, attempts = ?, claim_no = ?, last_status = ?,
                            settled_at = ?
                        where id = any(?) and id between ? and ?
                          -- still ours: a sweep that took it over has put it into the queue
                          and (?::uuid is null or state = 'inflight' and node = ?)
                        returning id""")
                .set(state.word())
                .set(Reason.wordOf(reason))
                .set(state == DeliveryState.DEAD)
                .set(attempts)
                .set(claimNumber)
                .set(status)
                .set(now)
                .uuids(ids)
                .set(range.low())
                .set(range.high())
                .set(holder)
                .set(holder)
                .list(rows -> Sql.uuid(rows, "id"));
    }
}
