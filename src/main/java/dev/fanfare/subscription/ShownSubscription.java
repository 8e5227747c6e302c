package dev.fanfare.subscription;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.platform.TypeId;
import jakarta.ws.rs.core.Response;
import java.util.UUID;

/** A subscription as an answer shows it. */
public record ShownSubscription(UUID id, int revision, ObjectNode json) {
    /** Strong: it covers configuration and state, not counters (RFC 9110 §8.8.3). */
    public String etag() {
        return "\"" + revision + "\"";
    }

    /** The answer with its ETag. */
    public Response response() {
        return Response.ok(json).header("ETag", etag()).build();
    }

    Response created() {
        return Response.status(Response.Status.CREATED)
                .header("Location", "/v1/subscriptions/" + TypeId.format("sub", id))
                .header("ETag", etag())
                .entity(json)
                .build();
    }
}
