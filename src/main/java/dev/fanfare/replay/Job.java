package dev.fanfare.replay;

import dev.fanfare.platform.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A replay as its row has it. */
record Job(
        UUID id,
        UUID tenantId,
        State state,
        String selector,
        boolean sameWebhookId,
        Instant createdAt,
        @Nullable Instant finishedAt,
        @Nullable UUID cursor,
        boolean walked,
        boolean fed,
        Counters counters) {

    /** Running until its last delivery is final, or cancelled. */
    enum State {
        RUNNING,
        DONE,
        CANCELLED
    }

    /**
     * matched = queued + the skipped + gone + left; queued = delivered + failed + cancelled + open.
     *
     * @param skipped JSON object: reason → count
     * @param gone no longer in retention
     * @param left given back by a cancellation to what it was
     * @param open queued and not final yet
     */
    record Counters(
            long matched,
            long queued,
            String skipped,
            long gone,
            long left,
            long delivered,
            long failed,
            long cancelled,
            long open) {}

    static Job read(ResultSet rows) throws SQLException {
        return new Job(
                Sql.uuid(rows, "id"),
                Sql.uuid(rows, "tenant_id"),
                State.valueOf(rows.getString("state").toUpperCase(Locale.ROOT)),
                rows.getString("selector"),
                rows.getString("webhook_id").equals("same"),
                rows.getTimestamp("created_at").toInstant(),
                Sql.instant(rows, "finished_at"),
                rows.getObject("cursor", UUID.class),
                rows.getBoolean("walked"),
                rows.getBoolean("fed"),
                new Counters(
                        rows.getLong("matched"),
                        rows.getLong("queued"),
                        rows.getString("skipped"),
                        rows.getLong("gone"),
                        rows.getLong("left"),
                        rows.getLong("delivered"),
                        rows.getLong("failed"),
                        rows.getLong("cancelled"),
                        rows.getLong("open")));
    }
}
