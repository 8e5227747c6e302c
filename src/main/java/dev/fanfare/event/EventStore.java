package dev.fanfare.event;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.cloudevents.WireEvent.DataKind;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;

/** Events as rows. */
public final class EventStore {
    private EventStore() {}

    /** The event of a row that has all columns of the table event. */
    public static WireEvent read(ResultSet rows) throws SQLException {
        return WireEvent.stored(
                rows.getString("ce_id"),
                rows.getString("source"),
                rows.getString("type"),
                rows.getString("subject"),
                rows.getString("time"),
                rows.getString("datacontenttype"),
                rows.getString("dataschema"),
                rows.getString("extensions"),
                DataKind.valueOf(rows.getString("data_kind").toUpperCase(Locale.ROOT)),
                rows.getBytes("data"));
    }
}
