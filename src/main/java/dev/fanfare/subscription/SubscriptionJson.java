package dev.fanfare.subscription;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.platform.Durations;
import dev.fanfare.platform.Times;
import dev.fanfare.platform.TypeId;
import java.time.Instant;

/** How a subscription is shown: what the client wrote, what is the default, and its status; never a secret. */
final class SubscriptionJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private SubscriptionJson() {}

    /** {@code status.reason} of an active one whose secrets cannot be decrypted: its deliveries are held. */
    static final String UNUSABLE = "secretsunusable";

    /** @param unusable whether its secrets cannot be decrypted here, as the row has them */
    static ObjectNode show(SubscriptionEntity row, boolean unusable, Instant now) {
        ObjectNode shown = JSON.createObjectNode();
        shown.put("id", TypeId.format("sub", row.id));
        shown.setAll(withDefaults(row.config));
        shown.put("active", row.state == SubscriptionEntity.State.ACTIVE);
        ObjectNode status = shown.putObject("status");
        status.put("state", row.state.word());
        String reason = unusable ? UNUSABLE : row.stateReason;
        if (reason != null) {
            status.put("reason", reason);
        }
        status.put("since", Times.format(row.stateSince));
        status.put("matching", matches(row, now));
        shown.put("createdat", Times.format(row.createdAt));
        shown.put("updatedat", Times.format(row.updatedAt));
        return shown;
    }

    /** {@code retry.maxage} is left out when not given: shown, it would outlive a later change of its schedule. */
    static ObjectNode withDefaults(String config) {
        ObjectNode shown = parse(config);
        putIfAbsent(shown, "protocol", "HTTP");
        ObjectNode settings = shown.withObjectProperty("protocolsettings");
        putIfAbsent(settings, "method", "POST");
        putIfAbsent(settings, "contentmode", "structured");
        putIfAbsent(settings, "timeout", Durations.format(SettingsReader.DEFAULT_TIMEOUT));
        if (!settings.has("maxinflight")) {
            settings.put("maxinflight", SettingsReader.DEFAULT_MAX_INFLIGHT);
        }
        ObjectNode retry = settings.withObjectProperty("retry");
        if (!retry.has("schedule")) {
            ArrayNode schedule = retry.putArray("schedule");
            SettingsReader.DEFAULT_SCHEDULE.forEach(wait -> schedule.add(Durations.format(wait)));
        }
        if (!retry.has("jitter")) {
            retry.put("jitter", SettingsReader.DEFAULT_JITTER);
        }
        return shown;
    }

    static ObjectNode parse(String json) {
        try {
            return (ObjectNode) JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A stored subscription is not JSON", e);
        }
    }

    private static boolean matches(SubscriptionEntity row, Instant now) {
        return switch (row.state) {
            case ACTIVE, PAUSED -> true;
            case DISABLED -> now.isBefore(row.stateSince.plus(LiveSubscription.DISABLED_STOPS_MATCHING));
            case DELETED -> false;
        };
    }

    private static void putIfAbsent(ObjectNode object, String name, String value) {
        if (!object.has(name)) {
            object.put(name, value);
        }
    }
}
