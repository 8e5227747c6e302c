package dev.fanfare.fanout;

import dev.fanfare.subscription.LiveSubscription;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.Consumer;

/** Some subscriptions in the order of their ids; immutable. */
final class Bucket {
    static final Bucket EMPTY = new Bucket(new LiveSubscription[0]);

    private static final Comparator<LiveSubscription> BY_ID = Comparator.comparing(LiveSubscription::id);

    private final LiveSubscription[] subscriptions;

    private Bucket(LiveSubscription[] subscriptions) {
        this.subscriptions = subscriptions;
    }

    int size() {
        return subscriptions.length;
    }

    void forEach(Consumer<LiveSubscription> consumer) {
        for (LiveSubscription subscription : subscriptions) {
            consumer.accept(subscription);
        }
    }

    /** With this one, in the place of one with the same id. */
    Bucket with(LiveSubscription subscription) {
        int at = Arrays.binarySearch(subscriptions, subscription, BY_ID);
        if (at >= 0) {
            LiveSubscription[] same = subscriptions.clone();
            same[at] = subscription;
            return new Bucket(same);
        }
        int place = -at - 1;
        LiveSubscription[] more = Arrays.copyOf(subscriptions, subscriptions.length + 1);
        System.arraycopy(subscriptions, place, more, place + 1, subscriptions.length - place);
        more[place] = subscription;
        return new Bucket(more);
    }

    /** Without the one that has the same id. */
    Bucket without(LiveSubscription subscription) {
        int at = Arrays.binarySearch(subscriptions, subscription, BY_ID);
        if (at < 0) {
            return this;
        }
        LiveSubscription[] fewer = Arrays.copyOf(subscriptions, subscriptions.length - 1);
        System.arraycopy(subscriptions, at + 1, fewer, at, fewer.length - at);
        return new Bucket(fewer);
    }
}
