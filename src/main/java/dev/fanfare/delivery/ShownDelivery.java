package dev.fanfare.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.Times;
import dev.fanfare.platform.TypeId;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A delivery in the API. */
@Schema(name = "Delivery", description = "One event for one subscription")
@JsonInclude(JsonInclude.Include.NON_NULL)
record ShownDelivery(
        @Schema(required = true, examples = "dlv_01h455vb4pex5vsknk084sn02q")
        String id,

        @Schema(required = true) String event,
        @Schema(required = true) String subscription,

        @Schema(required = true, description = "The event's type")
        String type,

        @Schema(
                required = true,
                enumeration = {"pending", "held", "inflight", "delivered", "dead", "cancelled"},
                description = "held: pending, of a subscription that is not active")
        String state,

        @Schema(
                description = "Why it is dead or cancelled; while it waits, why its last attempt failed: a word of the"
                        + " closed list in docs/delivery-states.md")
        @Nullable
        String reason,

        @Schema(required = true, description = "Attempts that have ended")
        int attempts,

        @Schema(description = "Status code of the last attempt, when it had an answer") @Nullable
        Integer laststatus,

        @Schema(format = "date-time", description = "When it is tried next; only while it waits") @Nullable
        String dueat,

        @Schema(required = true, format = "date-time") String acceptedat,

        @Schema(format = "date-time", description = "When it became delivered, dead or cancelled") @Nullable
        String settledat,

        @Schema(description = "The delivered one that this one repeats") @Nullable
        String replayof,

        @Schema(description = "The last replay that asked for it") @Nullable
        String replay) {

    static ShownDelivery of(DeliveryView view) {
        return new ShownDelivery(
                TypeId.format("dlv", view.id()),
                TypeId.format("evt", view.eventId()),
                TypeId.format("sub", view.subscriptionId()),
                view.type(),
                view.state().word(),
                view.reason(),
                view.attempts(),
                view.lastStatus(),
                time(view.dueAt()),
                Times.format(Ids.timeOf(view.id())),
                time(view.settledAt()),
                id("dlv", view.replayOf()),
                id("rpl", view.replayId()));
    }

    private static @Nullable String time(@Nullable Instant time) {
        return time == null ? null : Times.format(time);
    }

    private static @Nullable String id(String prefix, @Nullable UUID id) {
        return id == null ? null : TypeId.format(prefix, id);
    }
}
