package dev.fanfare.platform;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One statement with its parameters in order, arrays for unnest included. Closes itself after it has run. */
public final class Sql {
    private final Connection connection;
    private final PreparedStatement statement;
    private int index;

    private Sql(Connection connection, String text) throws SQLException {
        this.connection = connection;
        this.statement = connection.prepareStatement(text);
    }

    public static Sql of(Connection connection, String text) throws SQLException {
        return new Sql(connection, text);
    }

    /** Reads one row. */
    @FunctionalInterface
    public interface Row<T> {
        T read(ResultSet rows) throws SQLException;
    }

    public Sql set(@Nullable UUID value) throws SQLException {
        return object(value, Types.OTHER);
    }

    public Sql set(@Nullable String value) throws SQLException {
        return object(value, Types.VARCHAR);
    }

    public Sql set(@Nullable Integer value) throws SQLException {
        return object(value, Types.INTEGER);
    }

    public Sql set(long value) throws SQLException {
        statement.setLong(++index, value);
        return this;
    }

    public Sql set(boolean value) throws SQLException {
        statement.setBoolean(++index, value);
        return this;
    }

    public Sql set(byte @Nullable [] value) throws SQLException {
        statement.setBytes(++index, value);
        return this;
    }

    public Sql set(@Nullable Instant value) throws SQLException {
        return object(value == null ? null : time(value), Types.TIMESTAMP_WITH_TIMEZONE);
    }

    private Sql object(@Nullable Object value, int type) throws SQLException {
        if (value == null) {
            statement.setNull(++index, type);
        } else {
            statement.setObject(++index, value);
        }
        return this;
    }

    public Sql uuids(Collection<UUID> values) throws SQLException {
        return uuids(values, value -> value);
    }

    public <T> Sql uuids(Collection<T> rows, Function<? super T, ? extends @Nullable UUID> column) throws SQLException {
        statement.setObject(++index, BinaryArray.uuids(rows, column));
        return this;
    }

    public <T> Sql texts(Collection<T> rows, Function<? super T, ? extends @Nullable String> column)
            throws SQLException {
        return array("text", new String[rows.size()], rows, column);
    }

    public <T> Sql ints(Collection<T> rows, Function<? super T, ? extends @Nullable Integer> column)
            throws SQLException {
        return array("int4", new Integer[rows.size()], rows, column);
    }

    public <T> Sql longs(Collection<T> rows, Function<? super T, ? extends @Nullable Long> column) throws SQLException {
        return array("int8", new Long[rows.size()], rows, column);
    }

    public <T> Sql booleans(Collection<T> rows, Function<? super T, Boolean> column) throws SQLException {
        return array("bool", new Boolean[rows.size()], rows, column);
    }

    public <T> Sql bytes(Collection<T> rows, Function<? super T, byte @Nullable []> column) throws SQLException {
        byte[] @Nullable [] values = new byte[rows.size()][];
        int i = 0;
        for (T row : rows) {
            values[i++] = column.apply(row);
        }
        return array("bytea", values);
    }

    public <T> Sql times(Collection<T> rows, Function<? super T, ? extends @Nullable Instant> column)
            throws SQLException {
        statement.setObject(++index, BinaryArray.times(rows, column));
        return this;
    }

    /** The driver sends an array of Strings or Integers in binary, an array of Objects as text. */
    private <T, C> Sql array(
            String type, @Nullable C[] values, Collection<T> rows, Function<? super T, ? extends @Nullable C> column)
            throws SQLException {
        int i = 0;
        for (T row : rows) {
            values[i++] = column.apply(row);
        }
        return array(type, values);
    }

    private Sql array(String type, @Nullable Object[] values) throws SQLException {
        statement.setArray(++index, connection.createArrayOf(type, values));
        return this;
    }

    /** Runs an insert, update or delete; returns the number of rows. */
    public int update() throws SQLException {
        try (statement) {
            return statement.executeUpdate();
        }
    }

    /** Runs a query and reads all its rows. */
    public <T> List<T> list(Row<T> row) throws SQLException {
        try (statement;
                ResultSet rows = statement.executeQuery()) {
            List<T> result = new ArrayList<>();
            while (rows.next()) {
                result.add(row.read(rows));
            }
            return result;
        }
    }

    /** The column as an Instant, null when it is null. */
    public static @Nullable Instant instant(ResultSet rows, String column) throws SQLException {
        OffsetDateTime value = rows.getObject(column, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }

    /** The column as a UUID; the column is not null. */
    public static UUID uuid(ResultSet rows, String column) throws SQLException {
        return rows.getObject(column, UUID.class);
    }

    private static OffsetDateTime time(Instant value) {
        return value.atOffset(ZoneOffset.UTC);
    }
}
