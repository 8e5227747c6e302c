package dev.fanfare.delivery;

import dev.fanfare.platform.Cursor;
import dev.fanfare.platform.Page;
import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Looks at the attempts of a delivery, the last one first. */
@ApplicationScoped
public class AttemptList {
    private final Tx tx;

    public AttemptList(Tx tx) {
        this.tx = tx;
    }

    /**
     * One HTTP try.
     *
     * @param number counts from 1, over replays too; two tries share one when a node died with the first
     * @param status null when there was no answer
     * @param reason why it failed; null on 2xx
     * @param headers lines as received, capped, ISO-8859-1; null when there was none
     * @param body the first 16 KiB; null when there was none
     * @param truncated the response went on beyond what is kept
     * @param late it ended after another node had taken over, and decided nothing
     */
    @SuppressWarnings("ArrayRecordComponent") // shown, never compared
    public record Row(
            int claimNumber,
            int number,
            Instant startedAt,
            int durationMs,
            @Nullable String address,
            @Nullable Integer status,
            @Nullable String reason,
            byte @Nullable [] headers,
            byte @Nullable [] body,
            boolean truncated,
            boolean late) {
        /** Where a cursor stands: attempts have no id of their own. */
        UUID position() {
            return new UUID(0, claimNumber);
        }
    }

    /** A page; the delivery is known to be the caller's. */
    public Page<Row> page(UUID deliveryId, int limit, @Nullable Cursor at) {
        boolean newer = at != null && at.newer();
        long position = at == null ? Long.MAX_VALUE : at.position().getLeastSignificantBits();
        List<Row> found =
                tx.statement(connection -> Sql.of(connection, """
                        select * from attempt where delivery_id = ? and claim_no %s ?
                        order by claim_no %s limit ?""".formatted(newer ? ">" : "<", newer ? "asc" : "desc"))
                        .set(deliveryId)
                        .set(position)
                        .set(limit + 1)
                        .list(rows -> new Row(
                                rows.getInt("claim_no"),
                                rows.getInt("number"),
                                Objects.requireNonNull(Sql.instant(rows, "started_at")),
                                rows.getInt("duration_ms"),
                                rows.getString("address"),
                                rows.getObject("status", Integer.class),
                                rows.getString("reason"),
                                rows.getBytes("response_headers"),
                                rows.getBytes("response_body"),
                                rows.getBoolean("truncated"),
                                rows.getBoolean("late"))));
        return Page.of(found, limit, at, Row::position);
    }
}
