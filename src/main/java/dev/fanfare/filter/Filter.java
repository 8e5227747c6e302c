package dev.fanfare.filter;

import dev.fanfare.cloudevents.WireEvent;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A question about an event's attributes (CloudEvents Subscriptions API §3.2.4). Attributes are compared as their
 * canonical strings, case-sensitively; {@code time} as the string that came in. An attribute that the event does not have
 * makes {@link Exact}, {@link Prefix} and {@link Suffix} false, and so {@link Not} of them true.
 */
public sealed interface Filter {
    /** Never throws; safe for use by many threads. */
    boolean matches(WireEvent event);

    /**
     * What an event needs in order to match, for an index: whatever this filter matches, at least one comparison of each
     * of these lists matches too. The reverse need not hold. Empty where nothing of the kind is known.
     */
    default List<List<Comparison>> requirements() {
        return List.of();
    }

    /** A question about one attribute whose answers can be looked up by the attribute's value. */
    sealed interface Comparison extends Filter {
        String attribute();

        String value();

        @Override
        default List<List<Comparison>> requirements() {
            return List.of(List.of(this));
        }
    }

    /** The attribute is exactly this. */
    record Exact(String attribute, String value) implements Comparison {
        @Override
        public boolean matches(WireEvent event) {
            return value.equals(event.attribute(attribute));
        }
    }

    /** The attribute starts with this. */
    record Prefix(String attribute, String value) implements Comparison {
        @Override
        public boolean matches(WireEvent event) {
            String actual = event.attribute(attribute);
            return actual != null && actual.startsWith(value);
        }
    }

    /** The attribute ends with this. */
    record Suffix(String attribute, String value) implements Filter {
        @Override
        public boolean matches(WireEvent event) {
            String actual = event.attribute(attribute);
            return actual != null && actual.endsWith(value);
        }
    }

    /** Every one of them matches; none of them at all means every event. */
    record All(List<Filter> filters) implements Filter {
        public All {
            filters = List.copyOf(filters);
        }

        @Override
        public boolean matches(WireEvent event) {
            for (Filter filter : filters) {
                if (!filter.matches(event)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public List<List<Comparison>> requirements() {
            return filters.stream()
                    .flatMap(filter -> filter.requirements().stream())
                    .toList();
        }
    }

    /** At least one of them matches. */
    record Any(List<Filter> filters) implements Filter {
        public Any {
            filters = List.copyOf(filters);
        }

        @Override
        public boolean matches(WireEvent event) {
            for (Filter filter : filters) {
                if (filter.matches(event)) {
                    return true;
                }
            }
            return false;
        }

        /** One list, with the first of each branch's; none when one of the branches requires nothing. */
        @Override
        public List<List<Comparison>> requirements() {
            Set<Comparison> either = new LinkedHashSet<>();
            for (Filter filter : filters) {
                List<List<Comparison>> required = filter.requirements();
                if (required.isEmpty()) {
                    return List.of();
                }
                either.addAll(required.get(0));
            }
            return List.of(List.copyOf(either));
        }
    }

    /** It does not match. */
    record Not(Filter filter) implements Filter {
        @Override
        public boolean matches(WireEvent event) {
            return !filter.matches(event);
        }
    }

    /** The event's type is one of these: the {@code types} of a subscription. */
    record AnyTypeOf(Set<String> types) implements Filter {
        public AnyTypeOf {
            types = Set.copyOf(types);
        }

        @Override
        public boolean matches(WireEvent event) {
            return types.contains(event.type());
        }

        @Override
        public List<List<Comparison>> requirements() {
            return List.of(types.stream()
                    .<Comparison>map(type -> new Exact("type", type))
                    .toList());
        }
    }
}
