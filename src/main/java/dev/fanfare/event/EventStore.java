package dev.fanfare.event;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.cloudevents.WireEvent.DataKind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.UUID;

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

    /** The name under which dedupe knows an event: sha256 over tenant, source, NUL, id. */
    public static byte[] key(UUID tenantId, String source, String id) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(ByteBuffer.allocate(16)
                    .putLong(tenantId.getMostSignificantBits())
                    .putLong(tenantId.getLeastSignificantBits())
                    .flip());
            digest.update(source.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            return digest.digest(id.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
