package dev.fanfare.dispatch;

import dev.fanfare.access.CurrentCaller;
import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.cloudevents.WireEvent.DataKind;
import dev.fanfare.ingest.AcceptQueue;
import dev.fanfare.ingest.Accepted;
import dev.fanfare.ingest.Submission;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.PathId;
import dev.fanfare.platform.Problem;
import dev.fanfare.platform.ProblemException;
import dev.fanfare.platform.ProblemType;
import dev.fanfare.platform.Times;
import dev.fanfare.platform.TypeId;
import dev.fanfare.subscription.Directory;
import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.subscription.Subscriptions;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** What an operator does to a subscription's flow: hold it, let it flow, send a test event down it. */
@Path("/v1/subscriptions")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Subscriptions")
public class LaneResource {
    private static final long COMMIT_SECONDS = 5;

    private final Subscriptions subscriptions;
    private final Directory directory;
    private final AcceptQueue ingest;
    private final InstantSource clock;
    private final CurrentCaller caller;

    LaneResource(
            Subscriptions subscriptions,
            Directory directory,
            AcceptQueue ingest,
            InstantSource clock,
            CurrentCaller caller) {
        this.subscriptions = subscriptions;
        this.directory = directory;
        this.ingest = ingest;
        this.clock = clock;
        this.caller = caller;
    }

    @POST
    @Path("/{id}/pause")
    @Operation(operationId = "pauseSubscription", summary = "Hold deliveries until the subscription is resumed")
    public Response pause(@PathParam("id") String id) {
        return subscriptions
                .pause(caller.tenantId(), PathId.SUBSCRIPTION.parse(id))
                .response();
    }

    @POST
    @Path("/{id}/resume")
    @Operation(
            operationId = "resumeSubscription",
            summary = "Let flow what was held, whether the subscription was paused or disabled")
    public Response resume(@PathParam("id") String id) {
        return subscriptions
                .resume(caller.tenantId(), PathId.SUBSCRIPTION.parse(id))
                .response();
    }

    @POST
    @Path("/{id}/test")
    @Operation(
            operationId = "testSubscription",
            summary = "Send one dev.fanfare.ping.v1 event to this subscription alone, whatever its filters")
    public Response test(@PathParam("id") String id) throws InterruptedException {
        UUID tenant = caller.tenantId();
        UUID subscription = PathId.SUBSCRIPTION.parse(id);
        subscriptions.get(tenant, subscription);
        LiveSubscription live = live(tenant, subscription);
        CompletableFuture<List<Accepted>> result = new CompletableFuture<>();
        ingest.add(new Submission(tenant, List.of(ping(subscription)), live, 0, result));
        Accepted accepted = committed(result).get(0);
        Map<String, String> shown = new LinkedHashMap<>();
        shown.put("event", TypeId.format("evt", accepted.event()));
        shown.put("delivery", TypeId.format("dlv", accepted.deliveries().get(0)));
        return Response.accepted(shown).build();
    }

    private LiveSubscription live(UUID tenant, UUID subscription) {
        LiveSubscription live = directory.find(subscription);
        if (live == null) {
            directory.refresh(tenant);
            live = directory.find(subscription);
        }
        if (live == null) {
            throw Problem.of(ProblemType.NOT_FOUND, "The subscription was deleted")
                    .exception();
        }
        return live;
    }

    private WireEvent ping(UUID subscription) {
        String name = TypeId.format("sub", subscription);
        Instant now = clock.instant();
        byte[] data = ("{\"subscription\":\"" + name + "\",\"message\":\"This is a test event.\"}")
                .getBytes(StandardCharsets.UTF_8);
        return WireEvent.stored(
                Ids.at(now).toString(),
                "/v1/subscriptions/" + name,
                "dev.fanfare.ping.v1",
                name,
                Times.format(now),
                "application/json",
                null,
                null,
                DataKind.JSON,
                data);
    }

    private static List<Accepted> committed(CompletableFuture<List<Accepted>> result) throws InterruptedException {
        try {
            return result.get(COMMIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof ProblemException known) {
                throw known;
            }
            throw new IllegalStateException(failure.getCause());
        } catch (TimeoutException late) {
            throw Problem.unavailable("The test event was not committed in time", Duration.ofSeconds(1))
                    .exception();
        }
    }
}
