package dev.fanfare.subscription;

import dev.fanfare.access.CurrentCaller;
import dev.fanfare.platform.JsonObjectReader;
import dev.fanfare.platform.PathId;
import dev.fanfare.platform.QueryParameters;
import dev.fanfare.platform.SinkGuard;
import dev.fanfare.platform.StrictJson;
import dev.fanfare.platform.Times;
import dev.fanfare.signing.WebhookSecret;
import dev.fanfare.subscription.SubscriptionEntity.State;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.OPTIONS;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.InputStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** {@code /v1/subscriptions}: the CloudEvents Subscriptions API with Fanfare's settings; docs/api-conventions.md. */
@Path("/v1/subscriptions")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Subscriptions")
public class SubscriptionResource {
    private static final Duration DEFAULT_OVERLAP = Duration.ofHours(24);
    private static final Duration MAX_OVERLAP = Duration.ofDays(7);

    private final Subscriptions subscriptions;
    private final SubscriptionSecrets secrets;
    private final SinkGuard guard;
    private final CurrentCaller caller;

    SubscriptionResource(
            Subscriptions subscriptions, SubscriptionSecrets secrets, SinkGuard guard, CurrentCaller caller) {
        this.subscriptions = subscriptions;
        this.secrets = secrets;
        this.guard = guard;
        this.caller = caller;
    }

    @POST
    @Operation(
            operationId = "createSubscription",
            summary = "Subscribe a sink to events; the answer alone shows the secret")
    public Response create(@HeaderParam("content-type") @Nullable String contentType, InputStream body) {
        SubscriptionBody read = SubscriptionBody.read(StrictJson.object(contentType, body), guard);
        return subscriptions.create(caller.tenantId(), read).created();
    }

    /** What a list can be narrowed to. */
    private enum ListedState {
        ACTIVE,
        PAUSED,
        DISABLED
    }

    private static @Nullable State stored(@Nullable ListedState listed) {
        return listed == null ? null : State.valueOf(listed.name());
    }

    @GET
    @Operation(operationId = "listSubscriptions", summary = "List subscriptions, newest first")
    public Response list(@Context UriInfo uri) {
        QueryParameters query = new QueryParameters(caller.tenantId() + " subscriptions", uri.getQueryParameters());
        String name = query.text("name", 200);
        ListedState state = query.word("state", ListedState.class);
        int limit = query.limit();
        var cursor = query.cursor();
        query.finish();
        return subscriptions
                .list(caller.tenantId(), name, stored(state), limit, cursor)
                .response(query, item -> item);
    }

    @OPTIONS
    @Operation(hidden = true)
    public Response collectionOptions() {
        return Response.ok().header("Allow", "GET, HEAD, OPTIONS, POST").build();
    }

    @GET
    @Path("/{id}")
    @Operation(operationId = "getSubscription", summary = "Show a subscription without its secrets")
    public Response get(@PathParam("id") String id) {
        return subscriptions
                .get(caller.tenantId(), PathId.SUBSCRIPTION.parse(id))
                .response();
    }

    @PUT
    @Path("/{id}")
    @Operation(operationId = "replaceSubscription", summary = "Replace the configuration of a subscription")
    public Response replace(
            @PathParam("id") String id,
            @HeaderParam("content-type") @Nullable String contentType,
            @HeaderParam("if-match") @Nullable String ifMatch,
            InputStream body) {
        UUID subscription = PathId.SUBSCRIPTION.parse(id);
        SubscriptionBody read = SubscriptionBody.read(StrictJson.object(contentType, body), guard);
        return subscriptions
                .replace(caller.tenantId(), subscription, read, new IfMatch(ifMatch))
                .response();
    }

    @DELETE
    @Path("/{id}")
    @Operation(operationId = "deleteSubscription", summary = "Delete a subscription and cancel what waits for it")
    public Response delete(@PathParam("id") String id, @HeaderParam("if-match") @Nullable String ifMatch) {
        return subscriptions
                .delete(caller.tenantId(), PathId.SUBSCRIPTION.parse(id), new IfMatch(ifMatch))
                .response();
    }

    @OPTIONS
    @Path("/{id}")
    @Operation(hidden = true)
    public Response options(@PathParam("id") String id) {
        return Response.ok().header("Allow", "DELETE, GET, HEAD, OPTIONS, PUT").build();
    }

    @POST
    @Path("/{id}/secret/rotate")
    @Operation(operationId = "rotateSecret", summary = "Put a new signing secret in force; the answer alone shows it")
    public Response rotate(
            @PathParam("id") String id, @HeaderParam("content-type") @Nullable String contentType, InputStream body) {
        UUID subscription = PathId.SUBSCRIPTION.parse(id);
        JsonObjectReader reader = StrictJson.optionalObject(contentType, body);
        Duration overlap = reader.duration("overlap", Duration.ZERO, MAX_OVERLAP);
        WebhookSecret secret = SubscriptionBody.secret(reader);
        reader.finish();
        var rotated =
                secrets.rotate(caller.tenantId(), subscription, overlap == null ? DEFAULT_OVERLAP : overlap, secret);
        Map<String, String> shown = new LinkedHashMap<>();
        shown.put("secret", rotated.secret().text());
        shown.put("previousexpiresat", Times.format(rotated.oldExpiresAt()));
        return Response.ok(shown).build();
    }
}
