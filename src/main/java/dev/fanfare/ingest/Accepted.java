package dev.fanfare.ingest;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An event that is durable.
 *
 * @param event its id; of the first copy when it is a duplicate
 * @param same of a duplicate: whether it says the same as the first copy; null otherwise
 * @param deliveries the deliveries that it became; empty for a duplicate
 */
public record Accepted(
        UUID event, String id, String source, @Nullable Boolean same, List<UUID> deliveries) {
    public boolean duplicate() {
        return same != null;
    }
}
