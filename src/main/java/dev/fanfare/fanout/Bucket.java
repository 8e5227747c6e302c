package dev.fanfare.fanout;

import dev.fanfare.subscription.LiveSubscription;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Some subscriptions in the order of their ids. One thread at a time changes it; readers see what was last published, so
 * that a change of many is copied once.
 */
final class Bucket {
    private static final LiveSubscription[] NONE = {};

    private final NavigableMap<UUID, LiveSubscription> members = new TreeMap<>();
    private boolean changed;
    private volatile LiveSubscription[] published = NONE;

    /** With what has not been published yet; for the thread that changes it. */
    int size() {
        return members.size();
    }

    void forEach(Consumer<LiveSubscription> consumer) {
        for (LiveSubscription subscription : published) {
            consumer.accept(subscription);
        }
    }

    /** In the place of one with the same id. */
    void put(LiveSubscription subscription) {
        members.put(subscription.id(), subscription);
        changed = true;
    }

    /** Removes the one that has the same id. */
    void remove(LiveSubscription subscription) {
        changed |= members.remove(subscription.id()) != null;
    }

    /** Lets readers see all changes; costs nothing where there are none. */
    void publish() {
        if (changed) {
            published = members.values().toArray(NONE);
            changed = false;
        }
    }
}
