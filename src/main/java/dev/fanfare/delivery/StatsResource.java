package dev.fanfare.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.fanfare.access.CurrentCaller;
import dev.fanfare.platform.PathId;
import dev.fanfare.platform.QueryParameters;
import dev.fanfare.platform.Times;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** {@code GET /v1/subscriptions/{id}/stats}. */
@Path("/v1/subscriptions/{id}/stats")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Subscriptions")
public class StatsResource {
    private final SubscriptionStats stats;
    private final CurrentCaller caller;

    StatsResource(SubscriptionStats stats, CurrentCaller caller) {
        this.stats = stats;
        this.caller = caller;
    }

    @Schema(name = "SubscriptionStats", description = "pending, held, inflight and dead are counted up to 10,000")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Shown(
            @Schema(
                    required = true,
                    description = "UTC days on which something came to its end, at most 31, the last one first")
            List<Day> days,

            @Schema(required = true) int pending,
            @Schema(required = true) int held,
            @Schema(required = true) int inflight,
            @Schema(required = true) int dead,

            @Schema(required = true, description = "A count ended at 10,000; the truth is more")
            boolean capped,

            @Schema(format = "date-time", description = "May be some seconds late") @Nullable
            String lastsuccessat,

            @Schema(format = "date-time", description = "Acceptance time of the oldest delivery that waits") @Nullable
            String oldestwaitingat) {
        static Shown of(SubscriptionStats.Stats stats) {
            return new Shown(
                    stats.days().stream().map(Day::of).toList(),
                    stats.pending(),
                    stats.held(),
                    stats.inflight(),
                    stats.dead(),
                    stats.capped(),
                    time(stats.lastSuccessAt()),
                    time(stats.oldestWaitingAt()));
        }
    }

    @Schema(name = "DayOfSubscription")
    record Day(
            @Schema(required = true, format = "date") String day,
            @Schema(required = true) long delivered,
            @Schema(required = true) long cancelled) {
        static Day of(SubscriptionStats.Day day) {
            return new Day(day.day().toString(), day.delivered(), day.cancelled());
        }
    }

    @GET
    @Operation(operationId = "getSubscriptionStats", summary = "Count what a subscription has got and still waits for")
    @APIResponse(
            responseCode = "200",
            description = "The counts",
            content = @Content(schema = @Schema(implementation = Shown.class)))
    @APIResponse(responseCode = "404", ref = "NotFound")
    public Response get(@PathParam("id") String id, @Context UriInfo uri) {
        new QueryParameters("", uri.getQueryParameters()).finish();
        return stats.read(caller.tenantId(), PathId.SUBSCRIPTION.parse(id))
                .map(found -> Response.ok(Shown.of(found)).build())
                .orElseThrow(PathId.SUBSCRIPTION::unknown);
    }

    private static @Nullable String time(@Nullable Instant time) {
        return time == null ? null : Times.format(time);
    }
}
