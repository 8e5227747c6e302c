package dev.fanfare.fanout;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.filter.Filter;
import dev.fanfare.filter.Filter.Comparison;
import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.subscription.RoutingChange;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A tenant's subscriptions by what their filters require, so that an event is compared only with those that it may match,
 * however many there are. A subscription has an entry for each comparison of one requirement, at most 256: of its
 * requirements the one that it shares with the fewest.
 *
 * <p>One thread at a time applies changes; readers take no lock, so one may see a change half made. Its match then
 * carries the version before that change, which is written last and read first, and the accept refuses a match that is
 * older than what is committed.
 */
final class RoutingIndex {
    private static final Comparator<LiveSubscription> BY_ID = Comparator.comparing(LiveSubscription::id);

    /** All that {@link WireEvent#attribute} knows beside extensions; the likely ones first. */
    private static final List<String> CONTEXT_ATTRIBUTES =
            List.of("type", "source", "subject", "id", "time", "datacontenttype", "dataschema", "specversion");

    private final Map<String, AttributeIndex> attributes = new ConcurrentHashMap<>();
    /** Those whose filters require nothing that can be looked up: compared with every event. */
    private final Bucket others = new Bucket();

    private volatile int entries;
    private volatile long version = -1;

    /** Where each subscription is; for the thread that applies changes. */
    private final Map<UUID, List<Comparison>> places = new HashMap<>();

    /** Of the change that is being applied: what its subscriptions require, before and now. */
    private final Set<Comparison> touched = new HashSet<>();

    void apply(RoutingChange change) {
        int count = entries;
        for (LiveSubscription subscription : change.removed()) {
            count -= remove(subscription);
        }
        for (LiveSubscription subscription : change.added()) {
            count += add(subscription);
        }
        publish();
        entries = count;
        version = change.version();
    }

    Match match(WireEvent event, Instant now) {
        long known = version;
        List<LiveSubscription> matching = new ArrayList<>();
        candidates(event, subscription -> {
            if (subscription.takesEventsAt(now) && subscription.filter().matches(event)) {
                matching.add(subscription);
            }
        });
        return new Match(known, inOrder(matching));
    }

    /** Tells every subscription that may want the event, some more than once. */
    void candidates(WireEvent event, Consumer<LiveSubscription> consumer) {
        others.forEach(consumer);
        for (String name : CONTEXT_ATTRIBUTES) {
            AttributeIndex index = attributes.get(name);
            if (index != null) {
                String value = event.attribute(name);
                if (value != null) {
                    index.candidates(value, consumer);
                }
            }
        }
        for (Map.Entry<String, Object> extension : event.extensions().entrySet()) {
            AttributeIndex index = attributes.get(extension.getKey());
            if (index != null) {
                index.candidates(extension.getValue().toString(), consumer);
            }
        }
    }

    /** Entries of all subscriptions together. */
    int entries() {
        return entries;
    }

    long version() {
        return version;
    }

    private int add(LiveSubscription subscription) {
        List<Comparison> required = rarest(subscription.filter());
        if (required == null) {
            others.put(subscription);
            return 1;
        }
        for (Comparison comparison : required) {
            attributes
                    .computeIfAbsent(comparison.attribute(), name -> new AttributeIndex())
                    .add(comparison, subscription);
        }
        touched.addAll(required);
        places.put(subscription.id(), required);
        return required.size();
    }

    private int remove(LiveSubscription subscription) {
        List<Comparison> required = places.remove(subscription.id());
        if (required == null) {
            others.remove(subscription);
            return 1;
        }
        for (Comparison comparison : required) {
            AttributeIndex index = attributes.get(comparison.attribute());
            if (index != null) {
                index.remove(comparison, subscription);
            }
        }
        touched.addAll(required);
        return required.size();
    }

    private void publish() {
        others.publish();
        for (Comparison comparison : touched) {
            attributes.computeIfPresent(comparison.attribute(), (name, index) -> {
                index.publish(comparison);
                return index.isEmpty() ? null : index;
            });
        }
        touched.clear();
    }

    /** The requirement whose fullest bucket is the smallest; null when there is none. */
    private @Nullable List<Comparison> rarest(Filter filter) {
        List<Comparison> rarest = null;
        int fewest = Integer.MAX_VALUE;
        for (List<Comparison> required : filter.requirements()) {
            int most = required.stream().mapToInt(this::sharing).max().orElse(0);
            if (most < fewest) {
                fewest = most;
                rarest = required;
            }
        }
        return rarest;
    }

    private int sharing(Comparison comparison) {
        AttributeIndex index = attributes.get(comparison.attribute());
        return index == null ? 0 : index.sharing(comparison);
    }

    private static List<LiveSubscription> inOrder(List<LiveSubscription> matching) {
        for (int i = 1; i < matching.size(); i++) {
            if (BY_ID.compare(matching.get(i - 1), matching.get(i)) >= 0) {
                // from more than one bucket
                TreeSet<LiveSubscription> sorted = new TreeSet<>(BY_ID);
                sorted.addAll(matching);
                return List.copyOf(sorted);
            }
        }
        return matching;
    }
}
