package dev.fanfare.delivery;

import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How much waits in the queue, for operators. */
@ApplicationScoped
public class QueueStats {
    /** Counting stops here: the gauge says "at least". */
    static final int MOST_COUNTED = 1_000_000;

    private final Tx tx;

    public QueueStats(Tx tx) {
        this.tx = tx;
    }

    /**
     * The queue at one moment.
     *
     * @param depth rows, claimed ones included
     * @param due rows that wait although their time has come
     * @param oldestDue when the oldest of those was due
     */
    public record Reading(long depth, long due, @Nullable Instant oldestDue) {}

    /** Counts, over all tenants. */
    public Reading read(Instant now) {
        return tx.statement(connection -> Sql.of(connection, """
                        select (select count(*) from (select from queue limit ?) q) as depth,
                               (select count(*) from (select from queue where due_at <= ? and node is null limit ?) q) as due,
                               (select min(due_at) from queue where due_at <= ? and node is null) as oldest""")
                .set(MOST_COUNTED)
                .set(now)
                .set(MOST_COUNTED)
                .set(now)
                .list(rows -> new Reading(rows.getLong("depth"), rows.getLong("due"), Sql.instant(rows, "oldest")))
                .get(0));
    }
}
