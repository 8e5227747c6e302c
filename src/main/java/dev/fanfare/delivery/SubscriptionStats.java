package dev.fanfare.delivery;

import dev.fanfare.platform.Ids;
import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Counts what a subscription has got, and what it still waits for. */
@ApplicationScoped
public class SubscriptionStats {
    /** Each count ends here. */
    static final int MOST = 10_000;
    /** Days shown, the youngest first. */
    static final int DAYS = 31;

    private final Tx tx;

    public SubscriptionStats(Tx tx) {
        this.tx = tx;
    }

    /** A UTC day on which something was delivered or cancelled. */
    public record Day(LocalDate day, long delivered, long cancelled) {}

    /**
     * What there is of a subscription.
     *
     * @param capped one of the counts is {@link #MOST} and the truth may be more
     * @param lastSuccessAt may be some seconds old
     * @param oldestWaitingAt acceptance time of the oldest delivery that waits
     */
    public record Stats(
            List<Day> days,
            int pending,
            int held,
            int inflight,
            int dead,
            boolean capped,
            @Nullable Instant lastSuccessAt,
            @Nullable Instant oldestWaitingAt) {}

    /** Of the tenant's living subscription; empty when there is none of that id. */
    public Optional<Stats> read(UUID tenantId, UUID subscriptionId) {
        return tx.snapshot(connection -> {
            Plans.byPrimaryKey(connection);
            List<Boolean> active =
                    Sql.of(connection, """
                            select state = 'active' as active from subscription
                            where id = ? and tenant_id = ? and deleted_at is null""").set(subscriptionId).set(tenantId).list(rows -> rows.getBoolean("active"));
            return active.isEmpty() ? Optional.empty() : Optional.of(count(connection, subscriptionId, active.get(0)));
        });
    }

    private static Stats count(Connection connection, UUID subscription, boolean active) throws SQLException {
        Waiting waiting = waiting(connection, subscription);
        int inflight = inflight(connection, subscription);
        int dead = Sql.of(connection, """
                        select count(*) as dead from (
                          select from delivery where subscription_id = ? and dead limit ?) counted""")
                .set(subscription)
                .set(MOST + 1)
                .list(rows -> rows.getInt("dead"))
                .get(0);
        int shown = Math.min(MOST, waiting.count());
        return new Stats(
                days(connection, subscription),
                active ? shown : 0,
                active ? 0 : shown,
                Math.min(MOST, inflight),
                Math.min(MOST, dead),
                waiting.count() > MOST || inflight > MOST || dead > MOST,
                lastSuccess(connection, subscription),
                waiting.oldest() == null ? null : Ids.timeOf(waiting.oldest()));
    }

    /** How many wait, and the first accepted of them; of a long lane among those that are due first. */
    private record Waiting(int count, @Nullable UUID oldest) {}

    private static Waiting waiting(Connection connection, UUID subscription) throws SQLException {
        return Sql.of(connection, """
                        with waiting as materialized (
                          select id from queue where subscription_id = ? and due_at is not null
                          order by due_at limit ?)
                        select (select count(*) from waiting) as count,
                               (select id from waiting order by id limit 1) as oldest""")
                .set(subscription)
                .set(MOST + 1)
                .list(rows -> new Waiting(rows.getInt("count"), rows.getObject("oldest", UUID.class)))
                .get(0);
    }

    private static int inflight(Connection connection, UUID subscription) throws SQLException {
        return Sql.of(connection, """
                        with floor as materialized (
                          select floor from node where gone_at is null order by floor limit 1),
                        claimed as (
                          select from queue where node is not null and subscription_id = ? limit ?),
                        -- the young end of history: nothing in a living node's hands is older
                        fresh as (
                          select state from delivery
                          where subscription_id = ? and id >= (select floor from floor)
                          order by id desc limit ?)
                        select (select count(*) from claimed)
                             + (select count(*) from fresh where state = 'inflight') as inflight""")
                .set(subscription)
                .set(MOST + 1)
                .set(subscription)
                .set(MOST + 1)
                .list(rows -> rows.getInt("inflight"))
                .get(0);
    }

    private static List<Day> days(Connection connection, UUID subscription) throws SQLException {
        return Sql.of(connection, """
                        select day, delivered, cancelled from subscription_stats
                        where subscription_id = ? order by day desc limit ?""")
                .set(subscription)
                .set(DAYS)
                .list(rows -> new Day(
                        rows.getObject("day", LocalDate.class), rows.getLong("delivered"), rows.getLong("cancelled")));
    }

    private static @Nullable Instant lastSuccess(Connection connection, UUID subscription) throws SQLException {
        List<Instant> last = Sql.of(connection, """
                        select last_delivered_at from subscription_stats
                        where subscription_id = ? and last_delivered_at is not null order by day desc limit 1""")
                .set(subscription)
                .list(rows -> Objects.requireNonNull(Sql.instant(rows, "last_delivered_at")));
        return last.isEmpty() ? null : last.get(0);
    }
}
