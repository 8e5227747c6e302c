package dev.fanfare.dispatch;

/**
 * How many attempts a lane may have in flight while its receiver does not answer: after ten in a row that ended without an
 * HTTP answer one, and twice as many with each answer from then on. So a receiver that is back is not met with all that
 * waited for it, and one that is gone keeps no connections. Belongs to the lane's event loop.
 */
final class Caution {
    static final int ROW = 10;

    private int unanswered;
    private int limit = Integer.MAX_VALUE;

    /** The limit for now, of a lane that may have {@code most}. */
    int limit(int most) {
        return Math.min(most, limit);
    }

    /** @param answered any HTTP answer, whatever it says */
    void ended(boolean answered) {
        if (!answered) {
            unanswered++;
            if (unanswered >= ROW) {
                limit = 1;
            }
        } else {
            unanswered = 0;
            limit = limit > Integer.MAX_VALUE / 2 ? Integer.MAX_VALUE : limit * 2;
        }
    }
}
