package dev.fanfare.delivery;

import dev.fanfare.platform.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Every attempt as it ended, for people to look at: only ever appended to. */
final class AttemptLog {
    private AttemptLog() {}

    /** Appends, in the transaction that settles them; those that are not among the settled came late. */
    static void append(Connection connection, Collection<Settlement> batch, Set<UUID> settled) throws SQLException {
        Sql.of(connection, """
                        insert into attempt (delivery_id, claim_no, number, started_at, duration_ms, status, reason, address,
                                             response_headers, response_body, truncated, late)
                        select * from unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        -- a repeat after a COMMIT with an unknown end
                        on conflict do nothing""")
                .uuids(batch, s -> s.claim().id())
                .ints(batch, s -> s.claim().number())
                .ints(batch, Settlement::attempts)
                .times(batch, s -> s.outcome().startedAt())
                .ints(batch, s -> s.outcome().durationMs())
                .ints(batch, s -> s.outcome().statusOrNull())
                .texts(batch, s -> Reason.wordOf(s.outcome().failure()))
                .texts(batch, s -> s.outcome().address())
                .bytes(batch, s -> bytesOrNull(s.outcome().responseHeaders()))
                .bytes(batch, s -> bytesOrNull(s.outcome().responseBody()))
                .booleans(batch, s -> s.outcome().truncated())
                .booleans(batch, s -> !settled.contains(s.claim().id()))
                .update();
    }

    private static byte @Nullable [] bytesOrNull(byte[] bytes) {
        return bytes.length == 0 ? null : bytes;
    }
}
