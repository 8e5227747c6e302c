package dev.fanfare.fanout;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.cloudevents.WireEvent.DataKind;
import dev.fanfare.filter.Filter;
import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.testing.Rows;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;

/** Events, and subscriptions that want some of them: the same ones for the same random numbers. */
final class Wishes {
    /** Everything that an event can have, an extension whose values are no strings among it. */
    private static final List<String> ATTRIBUTES = List.of(
            "type",
            "source",
            "subject",
            "id",
            "time",
            "datacontenttype",
            "dataschema",
            "specversion",
            "color",
            "size",
            "absent");

    private final Random random;

    Wishes(long seed) {
        random = new Random(seed);
    }

    static LiveSubscription subscription(int number, Filter filter) {
        LiveSubscription any = Rows.live(new UUID(0x0190_0000_0000_7000L, number), 1);
        return new LiveSubscription(
                any.id(),
                any.tenantId(),
                any.state(),
                any.sink(),
                any.sinkRevision(),
                any.routingVersion(),
                filter,
                any.settings(),
                any.secrets(),
                any.credential(),
                any.stateSince());
    }

    static WireEvent event(String type) {
        return WireEvent.stored("1", "/s", type, null, null, null, null, null, DataKind.NONE, null);
    }

    /** Few values and prefixes of each other, so that much matches. */
    private String text() {
        return IntStream.range(0, 1 + random.nextInt(4))
                .mapToObj(i -> random.nextInt(3) == 0 ? "b" : "a")
                .reduce("", String::concat);
    }

    private String value(String attribute) {
        return switch (attribute) {
            case "specversion" -> random.nextBoolean() ? "1.0" : "1";
            case "size" -> Integer.toString(random.nextInt(3));
            default -> random.nextInt(20) == 0 ? "" : text();
        };
    }

    private String orNull() {
        return random.nextInt(3) == 0 ? null : text();
    }

    WireEvent event() {
        String extensions = random.nextBoolean()
                ? null
                : "{\"color\":\"" + text() + "\",\"size\":" + random.nextInt(3) + ",\"other\":true}";
        return WireEvent.stored(
                text(), text(), text(), orNull(), orNull(), orNull(), orNull(), extensions, DataKind.NONE, null);
    }

    Filter filter(int depth) {
        String attribute =
                ATTRIBUTES.get(random.nextInt(3) > 0 ? random.nextInt(3) : random.nextInt(ATTRIBUTES.size()));
        return switch (random.nextInt(depth == 0 ? 7 : 12)) {
            case 0, 1, 2 -> new Filter.Exact(attribute, value(attribute));
            case 3, 4 -> new Filter.Prefix(attribute, value(attribute));
            case 5 -> new Filter.AnyTypeOf(Set.copyOf(List.of(text(), text() + "a", text() + "b")));
            case 6 -> new Filter.Suffix(attribute, value(attribute));
            case 7, 8 -> new Filter.All(filters(depth));
            case 9, 10 -> new Filter.Any(filters(depth));
            default -> new Filter.Not(filter(depth - 1));
        };
    }

    /** None at all as well. */
    private List<Filter> filters(int depth) {
        return IntStream.range(0, random.nextInt(4))
                .mapToObj(i -> filter(depth - 1))
                .toList();
    }

    boolean chance(int oneIn) {
        return random.nextInt(oneIn) == 0;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }
}
