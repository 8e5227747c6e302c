package dev.fanfare.delivery;

import dev.fanfare.platform.Ids;
import java.util.Collection;
import java.util.UUID;

/**
 * The lowest and highest id that a statement over many ids names. Passed beside the ids, or a generic plan looks into
 * every day's partition. Events share their deliveries' milliseconds, so one range serves both.
 */
public record IdRange(UUID low, UUID high) {
    /** The range of whole milliseconds around the ids, which are not empty. */
    public static IdRange of(Collection<UUID> ids) {
        long lowest = Long.MAX_VALUE;
        long highest = 0;
        for (UUID id : ids) {
            long millis = Ids.millisOf(id);
            lowest = Math.min(lowest, millis);
            highest = Math.max(highest, millis);
        }
        return new IdRange(new UUID(lowest << 16, 0), new UUID(highest << 16 | 0xFFFF, -1));
    }
}
