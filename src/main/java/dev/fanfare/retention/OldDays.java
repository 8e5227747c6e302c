package dev.fanfare.retention;

import dev.fanfare.delivery.CancelStore;
import dev.fanfare.dispatch.DeliveryMetrics;
import dev.fanfare.platform.DayPartitions;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Forgets days that are old enough: events, deliveries and attempts of a UTC day go together. A day of which something
 * waits stays whole, for a time. Each step can be repeated, by whichever node.
 */
@ApplicationScoped
public class OldDays {
    private static final Duration PERIOD = Duration.ofMinutes(10);
    private static final Logger LOG = Logger.getLogger(OldDays.class);

    private final Tx tx;
    private final DayPartitions partitions;
    private final CancelStore cancels;
    private final DeliveryMetrics metrics;
    private final RetentionConfig config;
    private volatile int held;

    public OldDays(
            Tx tx,
            DayPartitions partitions,
            CancelStore cancels,
            DeliveryMetrics metrics,
            RetentionConfig config,
            MeterRegistry registry) {
        this.tx = tx;
        this.partitions = partitions;
        this.cancels = cancels;
        this.metrics = metrics;
        this.config = config;
        Gauge.builder("fanfare.retention.held.days", () -> held)
                .description("Days that are kept only because a delivery of them waits")
                .register(registry);
    }

    /** Forgets when that was not done for ten minutes, on whichever replica. */
    void forgetIfDue(Instant now) {
        boolean due = tx.statement(connection -> Sql.of(
                                connection,
                                "update maintenance set done_at = ? where task = 'forget-days' and done_at <= ?")
                        .set(now)
                        .set(now.minus(PERIOD))
                        .update())
                == 1;
        if (due) {
            forget(now);
        }
    }

    /**
     * Forgets all days that are old enough.
     *
     * @return those that are gone, oldest first
     * @throws dev.fanfare.platform.DatabaseException when somebody reads a day for long, such as a dump; the next time it
     *     goes on from there
     */
    List<LocalDate> forget(Instant now) {
        LocalDate kept = day(now.minus(config.keep()));
        LocalDate keptAtMost = day(now.minus(config.keep()).minus(config.maxHold()));
        raiseFloor(lowest(kept));
        List<LocalDate> forgotten = new ArrayList<>();
        int stay = 0;
        for (LocalDate day : partitions.before(kept)) {
            if (day.isBefore(keptAtMost)) {
                expire(day, now);
            }
            if (waits(day)) {
                stay++;
                continue;
            }
            partitions.drop(day);
            forgotten.add(day);
            LOG.infof("%s is forgotten: its events, deliveries and attempts", day);
        }
        held = stay;
        return forgotten;
    }

    /** From now on no replay brings back what lies below; those that are at it have ended when this returns. */
    private void raiseFloor(UUID lowest) {
        tx.statement(connection -> Sql.of(connection, "update retention set kept_from = ? where kept_from < ?")
                .set(lowest)
                .set(lowest)
                .update());
    }

    /** In the queue, or in flight with a node that has not been swept: that has no queue row, and only its floor tells. */
    private boolean waits(LocalDate day) {
        return tx.statement(connection -> Sql.of(connection, """
                        select exists (select from queue where id between ? and ?)
                            or exists (select from node where floor <= ?) as waits""")
                        .set(lowest(day))
                        .set(highest(day))
                        .set(highest(day))
                        .list(rows -> rows.getBoolean("waits")))
                .get(0);
    }

    private void expire(LocalDate day, Instant now) {
        Map<UUID, Integer> expired;
        do {
            expired = cancels.expire(lowest(day), highest(day), now);
            expired.forEach(metrics::expired);
        } while (!expired.isEmpty());
    }

    /** Its UTC day; ids know no time before 1970, so nothing is as old as that. */
    private static LocalDate day(Instant time) {
        return LocalDate.ofInstant(time.isBefore(Instant.EPOCH) ? Instant.EPOCH : time, ZoneOffset.UTC);
    }

    private static UUID lowest(LocalDate day) {
        return Ids.lowest(day.atStartOfDay(ZoneOffset.UTC).toInstant());
    }

    private static UUID highest(LocalDate day) {
        return Ids.highest(
                day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant().minusMillis(1));
    }
}
