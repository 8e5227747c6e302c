package dev.fanfare.delivery;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a node holds of a delivery while it is in flight. Settling and giving back match id, node and claim number, so
 * a claim that was taken over in the meantime changes nothing.
 *
 * @param node the incarnation that claimed it
 * @param fresh handed over with the accept: it has no row in the queue
 * @param attempts attempts made before this one, since acceptance
 * @param step waits of the retry schedule already used since acceptance or revival
 * @param lost how often a node died with it
 * @param firstAttemptAt first attempt since acceptance or revival; null before it
 */
public record Claim(
        UUID node,
        UUID id,
        UUID subscriptionId,
        int number,
        boolean fresh,
        int attempts,
        int step,
        int lost,
        @Nullable UUID replayId,
        @Nullable Instant firstAttemptAt) {

    /** A claim that was made together with the accept. */
    public static Claim fresh(UUID node, UUID id, UUID subscriptionId) {
        return new Claim(node, id, subscriptionId, 1, true, 0, 0, 0, null, null);
    }
}
