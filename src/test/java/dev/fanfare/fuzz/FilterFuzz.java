package dev.fanfare.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.cloudevents.WireEvent.DataKind;
import dev.fanfare.filter.Filter;
import dev.fanfare.filter.Filters;
import dev.fanfare.filter.InvalidFilter;
import dev.fanfare.platform.ProblemException;
import dev.fanfare.platform.StrictJson;
import java.io.ByteArrayInputStream;
import java.util.List;

/**
 * The body of a subscription: its filters are refused in good order, or answer for every event, and what they match has
 * what they say they require.
 */
public final class FilterFuzz {
    private static final int MOST_FAULTS = 21;
    private static final List<WireEvent> EVENTS = List.of(
            event("1", "/s", "t", null, null),
            event("2", "/orders", "com.example.order", "a", "{\"a\":\"x\",\"n\":5,\"flag\":true}"),
            event("3", "/orders/eu", "com.example.order.placed", "abc", "{\"a\":\"\"}"));

    private FilterFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        JsonNode filters;
        try {
            filters = StrictJson.object("application/json", new ByteArrayInputStream(input))
                    .any("filters");
        } catch (ProblemException refused) {
            return;
        }
        try {
            Filter filter = Filters.parse(filters, "/filters");
            for (WireEvent event : EVENTS) {
                boolean matches = filter.matches(event);
                boolean required = filter.requirements().stream()
                        .allMatch(either -> either.stream().anyMatch(one -> one.matches(event)));
                Check.that(!matches || required, "what matches has what is required");
            }
        } catch (InvalidFilter refused) {
            Check.that(!refused.faults().isEmpty() && refused.faults().size() <= MOST_FAULTS, "the number of faults");
            refused.faults().forEach(fault -> Check.that(fault.pointer().startsWith("/filters"), "a fault's pointer"));
        }
    }

    private static WireEvent event(String id, String source, String type, String subject, String extensions) {
        return WireEvent.stored(id, source, type, subject, null, null, null, extensions, DataKind.NONE, null);
    }
}
