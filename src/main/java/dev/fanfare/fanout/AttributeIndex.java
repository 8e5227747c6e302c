package dev.fanfare.fanout;

import dev.fanfare.filter.Filter.Comparison;
import dev.fanfare.filter.Filter.Exact;
import dev.fanfare.subscription.LiveSubscription;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;

/** Subscriptions by what they require of one attribute. One thread at a time changes it, readers take no lock. */
final class AttributeIndex {
    /** Characters of a prefix that are looked at here: what a look-up may cost. The filter looks at the rest. */
    static final int LONGEST_PREFIX = 128;

    private final Map<String, Bucket> exact = new ConcurrentHashMap<>();
    private final ConcurrentNavigableMap<String, Bucket> prefix = new ConcurrentSkipListMap<>();

    /** Tells those that require this value, or a prefix of it. */
    void candidates(String value, Consumer<LiveSubscription> consumer) {
        Bucket equal = exact.get(value);
        if (equal != null) {
            equal.forEach(consumer);
        }
        // A prefix sorts before what it begins. So the last key up to the value is a prefix of it, or shows by what it
        // has in common with it how long a prefix can still be: no more misses than characters.
        String start = cut(value);
        Map.Entry<String, Bucket> next = prefix.floorEntry(start);
        while (next != null) {
            String key = next.getKey();
            if (start.startsWith(key)) {
                next.getValue().forEach(consumer);
                next = prefix.lowerEntry(key);
            } else {
                next = prefix.floorEntry(start.substring(0, inCommon(key, start)));
            }
        }
    }

    /** Seen by readers after {@link #publish}. */
    void add(Comparison comparison, LiveSubscription subscription) {
        buckets(comparison)
                .computeIfAbsent(key(comparison), key -> new Bucket())
                .put(subscription);
    }

    /** Seen by readers after {@link #publish}. */
    void remove(Comparison comparison, LiveSubscription subscription) {
        Bucket bucket = buckets(comparison).get(key(comparison));
        if (bucket != null) {
            bucket.remove(subscription);
        }
    }

    /** Lets readers see what has changed of those that require the same. */
    void publish(Comparison comparison) {
        buckets(comparison).computeIfPresent(key(comparison), (key, bucket) -> {
            bucket.publish();
            return bucket.size() == 0 ? null : bucket;
        });
    }

    /** How many subscriptions require the same. */
    int sharing(Comparison comparison) {
        Bucket bucket = buckets(comparison).get(key(comparison));
        return bucket == null ? 0 : bucket.size();
    }

    boolean isEmpty() {
        return exact.isEmpty() && prefix.isEmpty();
    }

    private Map<String, Bucket> buckets(Comparison comparison) {
        return comparison instanceof Exact ? exact : prefix;
    }

    private static String key(Comparison comparison) {
        return comparison instanceof Exact ? comparison.value() : cut(comparison.value());
    }

    private static String cut(String value) {
        return value.length() <= LONGEST_PREFIX ? value : value.substring(0, LONGEST_PREFIX);
    }

    private static int inCommon(String key, String value) {
        int length = Math.min(key.length(), value.length());
        for (int i = 0; i < length; i++) {
            if (key.charAt(i) != value.charAt(i)) {
                return i;
            }
        }
        return length;
    }
}
