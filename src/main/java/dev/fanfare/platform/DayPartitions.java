package dev.fanfare.platform;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The daily partitions of event, delivery and attempt: ranges of the id, UTC days. */
@ApplicationScoped
public class DayPartitions {
    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("uuuuMMdd");

    private final Tx tx;

    public DayPartitions(Tx tx) {
        this.tx = tx;
    }

    /** Makes the day of {@code time} and the {@code ahead} days after it, where they are missing. */
    public void ensure(Instant time, int ahead) {
        LocalDate first = LocalDate.ofInstant(time, ZoneOffset.UTC);
        for (int i = 0; i <= ahead; i++) {
            LocalDate day = first.plusDays(i);
            // what comes first in an event's life is made last: where it can be accepted, it can be settled
            make("attempt", "delivery_id", "", day);
            // room for each row's second version: a batch settles whole pages at once, before anything can be pruned
            make("delivery", "id", "with (fillfactor = 50)", day);
            make("event", "id", "", day);
        }
    }

    /** The days before this one that are still there, in part at least, oldest first. */
    public List<LocalDate> before(LocalDate day) {
        return tx.statement(connection -> Sql.of(connection, """
                        select distinct right(relname, 8) as day from pg_class
                        where relnamespace = 'fanfare'::regnamespace and relkind = 'r'
                          and relname ~ '^(event|delivery|attempt)_[0-9]{8}$' and right(relname, 8) < ?
                        order by 1""")
                .set(NAME.format(day))
                .list(rows -> LocalDate.parse(rows.getString("day"), NAME)));
    }

    /**
     * Drops a day. Nobody waits for it: the days are detached while others go on, and dropped when nobody knows them any
     * more. What was interrupted is gone on with.
     *
     * @throws DatabaseException when somebody reads the day for longer than a lock or a statement may take
     */
    public void drop(LocalDate day) {
        for (String table : List.of("attempt", "delivery", "event")) {
            String partition = table + "_" + NAME.format(day);
            Optional<Boolean> pending = attached(partition);
            if (pending.isPresent()) {
                run("alter table fanfare.%s detach partition fanfare.%s %s"
                        .formatted(table, partition, pending.get() ? "finalize" : "concurrently"));
            }
            run("drop table if exists fanfare." + partition);
        }
    }

    /** Whether it is being detached; empty when it is no partition any more. */
    private Optional<Boolean> attached(String partition) {
        return tx
                .statement(connection -> Sql.of(
                                connection, "select inhdetachpending from pg_inherits where inhrelid = to_regclass(?)")
                        .set("fanfare." + partition)
                        .list(rows -> rows.getBoolean(1)))
                .stream()
                .findFirst();
    }

    private void run(String statement) {
        tx.statement(connection -> Sql.of(connection, statement).update());
    }

    private void make(String table, String key, String storage, LocalDate day) {
        String partition = table + "_" + NAME.format(day);
        try {
            tx.run(connection ->
                    exists(connection, partition) || attach(connection, table, key, storage, partition, day));
        } catch (DatabaseException failure) {
            // another replica made it in the meantime: the table, its row type, or the catalogue's row at the same
            // moment
            if (!Set.of("42P07", "42710", "23505").contains(failure.sqlState())) {
                throw failure;
            }
        }
    }

    private static boolean attach(
            Connection connection, String table, String key, String storage, String partition, LocalDate day)
            throws SQLException {
        UUID low = Ids.lowest(day.atStartOfDay(ZoneOffset.UTC).toInstant());
        UUID high = Ids.lowest(day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant());
        try (Statement statement = connection.createStatement()) {
            // The CHECK lets ATTACH believe the bounds without a look at the rows.
            statement.execute("""
                    set local lock_timeout = '1s';
                    create table fanfare.%2$s (like fanfare.%1$s including all) %6$s;
                    alter table fanfare.%2$s add constraint day check (%3$s >= '%4$s' and %3$s < '%5$s');
                    alter table fanfare.%1$s attach partition fanfare.%2$s for values from ('%4$s') to ('%5$s');
                    alter table fanfare.%2$s drop constraint day;
                    """.formatted(table, partition, key, low, high, storage));
            return true;
        }
    }

    private static boolean exists(Connection connection, String partition) throws SQLException {
        try (var statement = connection.prepareStatement("select to_regclass(?) is not null")) {
            statement.setString(1, "fanfare." + partition);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getBoolean(1);
            }
        }
    }
}
