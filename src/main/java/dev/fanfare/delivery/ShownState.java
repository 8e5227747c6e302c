package dev.fanfare.delivery;

import java.util.Locale;

/** The state that clients see of a delivery: the stored one, and what the queue and the subscription add to it. */
public enum ShownState {
    /** Due at a time. */
    PENDING,
    /** Pending, of a subscription that is not active. */
    HELD,
    /** In a node's hands, with the accept or by a claim from the queue. */
    INFLIGHT,
    DELIVERED,
    DEAD,
    CANCELLED;

    /** The word in the API. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
