package dev.fanfare.delivery;

import java.util.Locale;

/**
 * Where a delivery stands. {@code held}, how the pending ones of a subscription that is not active are shown, is never
 * stored: pausing and resuming change one row. The transitions are drawn in docs/delivery-states.md.
 */
public enum DeliveryState {
    /** Due at a time; has a row in the queue. */
    PENDING,
    /** Handed to a node with the accept; a claim from the queue stays PENDING in history and is shown as in flight. */
    INFLIGHT,
    /** The receiver answered 2xx. Final for ever. */
    DELIVERED,
    /** Given up. Leaves only by a replay. */
    DEAD,
    /** Its subscription was deleted, it was kept past retention, or somebody said so. Leaves only by a replay. */
    CANCELLED;

    /** The word in the database and in the API. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public boolean isFinal() {
        return this == DELIVERED || this == DEAD || this == CANCELLED;
    }
}
