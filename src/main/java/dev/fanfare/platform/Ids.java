package dev.fanfare.platform;

import com.github.f4b6a3.uuid.UuidCreator;
import java.time.Instant;
import java.util.UUID;

/** UUIDv7 (RFC 9562 §5.7): the first 48 bits are the millisecond, so a day is a range of ids. */
public final class Ids {
    private Ids() {}

    /** A new id that carries the millisecond of {@code time}. */
    public static UUID at(Instant time) {
        return UuidCreator.getTimeOrderedEpoch(time);
    }

    /** The millisecond that an id carries. */
    public static Instant timeOf(UUID id) {
        return Instant.ofEpochMilli(millisOf(id));
    }

    /** The millisecond that an id carries, since the epoch. */
    public static long millisOf(UUID id) {
        return id.getMostSignificantBits() >>> 16;
    }

    /** The lowest bit pattern of a millisecond: a bound for SQL, not an id. Java's UUID order does not hold for it. */
    public static UUID lowest(Instant time) {
        return new UUID(time.toEpochMilli() << 16, 0);
    }

    /** The highest bit pattern of a millisecond: a bound for SQL, not an id. */
    public static UUID highest(Instant time) {
        return new UUID(time.toEpochMilli() << 16 | 0xFFFF, -1);
    }
}
