package dev.fanfare.platform;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The ids that one page of a list may look at, in the direction of its cursor. A page looks at no more than
 * {@link #MOST} rows, whatever its filters leave of them; where there are more, {@code edge} is the last one.
 *
 * @param low inclusive
 * @param high exclusive
 * @param newer true: read upwards from {@code low}, false: downwards from {@code high}
 * @param edge null: all rows from {@code low} to {@code high} may be looked at
 */
public record PageSpan(
        UUID low, UUID high, boolean newer, @Nullable UUID edge) {
    /** Rows that one page looks at. */
    public static final int MOST = 10_000;

    private static final UUID LOWEST = new UUID(0, 0);
    private static final UUID HIGHEST = new UUID(-1, -1);

    /**
     * What the times and the cursor leave.
     *
     * @param from inclusive, compared with the millisecond of the ids; null: from the beginning
     * @param to exclusive; null: to the end
     */
    public static PageSpan of(@Nullable Instant from, @Nullable Instant to, @Nullable Cursor at) {
        boolean newer = at != null && at.newer();
        UUID low = from == null ? LOWEST : Ids.lowest(nextMillisecond(from));
        UUID high = to == null ? HIGHEST : Ids.lowest(nextMillisecond(to));
        if (at == null) {
            return new PageSpan(low, high, false, null);
        }
        // The digest of a cursor binds it to its times, so it lies between them.
        return newer
                ? new PageSpan(after(at.position()), high, true, null)
                : new PageSpan(low, at.position(), false, null);
    }

    /** One id alone. */
    public static PageSpan only(UUID id) {
        return new PageSpan(id, after(id), false, null);
    }

    /** The same, cut behind {@code edge}, the last row that may be looked at; null cuts nothing. */
    public PageSpan upTo(@Nullable UUID edge) {
        if (edge == null) {
            return this;
        }
        return newer ? new PageSpan(low, after(edge), true, edge) : new PageSpan(edge, high, false, edge);
    }

    /** The direction of reading, for SQL. */
    public String order() {
        return newer ? "asc" : "desc";
    }

    /** The id next to this one in Postgres' order. */
    static UUID after(UUID id) {
        long low = id.getLeastSignificantBits() + 1;
        return new UUID(id.getMostSignificantBits() + (low == 0 ? 1 : 0), low);
    }

    /** The id before this one in Postgres' order. */
    static UUID before(UUID id) {
        long low = id.getLeastSignificantBits();
        return new UUID(id.getMostSignificantBits() - (low == 0 ? 1 : 0), low - 1);
    }

    private static Instant nextMillisecond(Instant time) {
        Instant floor = Instant.ofEpochMilli(time.toEpochMilli());
        return floor.equals(time) ? time : floor.plusMillis(1);
    }
}
