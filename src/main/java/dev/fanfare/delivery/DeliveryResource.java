package dev.fanfare.delivery;

import dev.fanfare.access.CurrentCaller;
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

/** {@code GET /v1/deliveries}: where each event stands with each subscription, and how each attempt went. */
@Path("/v1/deliveries")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Deliveries")
public class DeliveryResource {
    private final DeliveryList deliveries;
    private final AttemptList attempts;
    private final CurrentCaller caller;

    DeliveryResource(DeliveryList deliveries, AttemptList attempts, CurrentCaller caller) {
        this.deliveries = deliveries;
        this.attempts = attempts;
        this.caller = caller;
    }

    @GET
    @Operation(operationId = "listDeliveries", summary = "List deliveries, newest first")
    @Parameter(
            name = "state",
            in = ParameterIn.QUERY,
            schema =
                    @Schema(
                            type = SchemaType.STRING,
                            enumeration = {"pending", "held", "inflight", "delivered", "dead", "cancelled"}))
    @Parameter(
            name = "subscription",
            in = ParameterIn.QUERY,
            description = "Id of a subscription",
            schema = @Schema(type = SchemaType.STRING))
    @Parameter(
            name = "type",
            in = ParameterIn.QUERY,
            description = "The event's type",
            schema = @Schema(type = SchemaType.STRING))
    @Parameter(
            name = "reason",
            in = ParameterIn.QUERY,
            description = "A word of docs/delivery-states.md",
            schema = @Schema(type = SchemaType.STRING))
    @Parameter(
            name = "from",
            in = ParameterIn.QUERY,
            description = "Accepted at or after this time",
            schema = @Schema(type = SchemaType.STRING, format = "date-time"))
    @Parameter(
            name = "to",
            in = ParameterIn.QUERY,
            description = "Accepted before this time",
            schema = @Schema(type = SchemaType.STRING, format = "date-time"))
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
    public Response list(@Context UriInfo uri) {
        QueryParameters query = new QueryParameters(caller.tenantId() + " deliveries", uri.getQueryParameters());
        DeliveryList.Filter filter = new DeliveryList.Filter(
                query.word("state", ShownState.class),
                query.id("subscription", "sub"),
                query.text("type", 4_096),
                query.word("reason", Reason.class),
                query.instant("from"),
                query.instant("to"));
        int limit = query.limit();
        var cursor = query.cursor();
        query.finish();
        return deliveries.page(caller.tenantId(), filter, limit, cursor).response(query, ShownDelivery::of);
    }

    @GET
    @Path("/{delivery}")
    @Operation(operationId = "getDelivery", summary = "Show a delivery")
    @APIResponse(
            responseCode = "200",
            description = "The delivery",
            content = @Content(schema = @Schema(implementation = ShownDelivery.class)))
    @APIResponse(responseCode = "404", ref = "NotFound")
    public Response get(@PathParam("delivery") String id, @Context UriInfo uri) {
        new QueryParameters("", uri.getQueryParameters()).finish();
        return Response.ok(ShownDelivery.of(require(PathId.DELIVERY.parse(id)))).build();
    }

    @GET
    @Path("/{delivery}/attempts")
    @Operation(operationId = "listAttempts", summary = "List the attempts of a delivery, the last one first")
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
            content = @Content(schema = @Schema(type = SchemaType.ARRAY, implementation = ShownAttempt.class)))
    @APIResponse(responseCode = "404", ref = "NotFound")
    public Response attempts(@PathParam("delivery") String id, @Context UriInfo uri) {
        UUID delivery = PathId.DELIVERY.parse(id);
        QueryParameters query =
                new QueryParameters(caller.tenantId() + " attempts " + delivery, uri.getQueryParameters());
        int limit = query.limit();
        var cursor = query.cursor();
        query.finish();
        require(delivery);
        return attempts.page(delivery, limit, cursor).response(query, ShownAttempt::of);
    }

    private DeliveryView require(UUID id) {
        return deliveries.find(caller.tenantId(), id).orElseThrow(PathId.DELIVERY::unknown);
    }
}
