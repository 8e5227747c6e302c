package dev.fanfare.delivery;

import dev.fanfare.access.CurrentCaller;
import dev.fanfare.event.EventList;
import dev.fanfare.platform.PathId;
import dev.fanfare.platform.QueryParameters;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** {@code GET /v1/events/{event}/deliveries}: who gets an event, and how far that is. */
@Path("/v1/events/{event}/deliveries")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Deliveries")
public class EventDeliveriesResource {
    private final EventList events;
    private final DeliveryList deliveries;
    private final CurrentCaller caller;

    EventDeliveriesResource(EventList events, DeliveryList deliveries, CurrentCaller caller) {
        this.events = events;
        this.deliveries = deliveries;
        this.caller = caller;
    }

    @GET
    @Operation(operationId = "listDeliveriesOfEvent", summary = "List the deliveries of an event")
    @Parameter(
            name = "limit",
            in = ParameterIn.QUERY,
            schema = @Schema(type = SchemaType.INTEGER, minimum = "1", maximum = "500", defaultValue = "50"))
    @Parameter(
            name = "cursor",
            in = ParameterIn.QUERY,
            description = "From the Link header, with the same filters",
            schema = @Schema(type = SchemaType.STRING))
    @APIResponse(
            responseCode = "200",
            description = "A page",
            content = @Content(schema = @Schema(type = SchemaType.ARRAY, implementation = ShownDelivery.class)))
    @APIResponse(responseCode = "404", ref = "NotFound")
    public Response list(@PathParam("event") String id, @Context UriInfo uri) {
        UUID event = PathId.EVENT.parse(id);
        QueryParameters query =
                new QueryParameters(caller.tenantId() + " deliveries of " + event, uri.getQueryParameters());
        int limit = query.limit();
        var cursor = query.cursor();
        query.finish();
        if (!events.exists(caller.tenantId(), event)) {
            throw PathId.EVENT.unknown();
        }
        return deliveries.ofEvent(caller.tenantId(), event, limit, cursor).response(query, ShownDelivery::of);
    }
}
