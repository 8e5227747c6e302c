package dev.fanfare.replay;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.delivery.DeliveryState;
import dev.fanfare.delivery.Reason;
import dev.fanfare.platform.JsonObjectReader;
import dev.fanfare.platform.JsonValue;
import dev.fanfare.platform.Times;
import dev.fanfare.platform.TypeId;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which deliveries an operator wants again; what is given combines with AND.
 *
 * @param state null: every state, which only a selector that names deliveries may mean
 * @param from acceptance of the event, inclusive
 * @param to acceptance of the event, exclusive
 */
public record Selector(
        @Nullable List<UUID> deliveries,
        @Nullable List<UUID> events,
        @Nullable UUID subscription,
        @Nullable DeliveryState state,
        @Nullable String reason,
        @Nullable String type,
        @Nullable String source,
        @Nullable Instant from,
        @Nullable Instant to) {
    private static final int MOST_IDS = 1_000;
    private static final List<String> MEMBERS =
            List.of("deliveries", "events", "subscription", "state", "reason", "type", "source", "from", "to");
    private static final List<String> REASONS =
            Arrays.stream(Reason.values()).map(Reason::word).toList();
    private static final List<String> STATES = List.of("dead", "cancelled", "pending", "delivered");

    /** Takes the selector's members off a request. */
    static Selector read(JsonObjectReader body) {
        for (String name : MEMBERS) {
            if (body.has(name) && body.any(name) == null) {
                // whoever wrote it meant some, and would get all
                body.fault(name, "invalid", "must not be null; leave it out to mean all");
            }
        }
        List<UUID> deliveries = ids(body, "deliveries", "dlv");
        String state = body.word("state", STATES);
        DeliveryState named = state == null ? null : DeliveryState.valueOf(state.toUpperCase(Locale.ROOT));
        Instant from = time(body, "from");
        Instant to = time(body, "to");
        if (from != null && to != null && !from.isBefore(to)) {
            body.fault("to", "invalid", "must be after from");
        }
        return new Selector(
                deliveries,
                ids(body, "events", "evt"),
                id(body, "subscription", "sub"),
                named == null && deliveries == null ? DeliveryState.DEAD : named,
                body.word("reason", REASONS),
                body.text("type", 4_096),
                body.text("source", 4_096),
                from,
                to);
    }

    private static @Nullable List<UUID> ids(JsonObjectReader body, String name, String prefix) {
        List<UUID> ids = body.each(name, MOST_IDS, value -> id(value, prefix));
        JsonNode given = body.any(name);
        if (given != null && given.isArray() && given.isEmpty()) {
            // an empty list must never mean everything
            body.fault(name, "invalid", "must name at least one");
        }
        return ids;
    }

    private static @Nullable UUID id(JsonObjectReader body, String name, String prefix) {
        JsonValue value = body.value(name);
        return value == null ? null : id(value, prefix);
    }

    private static @Nullable UUID id(JsonValue value, String prefix) {
        String text = value.text(64);
        if (text == null) {
            return null;
        }
        try {
            return TypeId.parse(prefix, text);
        } catch (IllegalArgumentException e) {
            value.fault("invalid", "must be an id that begins with " + prefix + "_");
            return null;
        }
    }

    private static @Nullable Instant time(JsonObjectReader body, String name) {
        String text = body.text(name, 64);
        if (text == null) {
            return null;
        }
        try {
            return Times.parse(text);
        } catch (IllegalArgumentException e) {
            body.fault(name, "invalid", "must be a time like 2026-01-31T12:00:00Z");
            return null;
        }
    }
}
