package dev.fanfare.delivery;

import dev.fanfare.platform.Sql;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a filter asks for: conditions that are there only when their value is, so that an index can serve them. */
final class Conditions {
    private final StringBuilder text = new StringBuilder("true");
    private final List<Value> values = new ArrayList<>();

    @FunctionalInterface
    private interface Value {
        void bind(Sql sql) throws SQLException;
    }

    Conditions and(String condition) {
        text.append("\n  and ").append(condition);
        return this;
    }

    /** A condition with one parameter; null leaves it out. */
    Conditions and(String condition, @Nullable UUID value) {
        return value == null ? this : and(condition).with(sql -> sql.set(value));
    }

    /** A condition with one parameter; null leaves it out. */
    Conditions and(String condition, @Nullable String value) {
        return value == null ? this : and(condition).with(sql -> sql.set(value));
    }

    private Conditions with(Value value) {
        values.add(value);
        return this;
    }

    Sql bind(Sql sql) throws SQLException {
        for (Value value : values) {
            value.bind(sql);
        }
        return sql;
    }

    /** SQL behind {@code where}. */
    @Override
    public String toString() {
        return text.toString();
    }
}
