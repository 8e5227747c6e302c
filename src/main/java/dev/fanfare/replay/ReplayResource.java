package dev.fanfare.replay;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.access.CurrentCaller;
import dev.fanfare.platform.Cursor;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.JsonObjectReader;
import dev.fanfare.platform.Page;
import dev.fanfare.platform.PathId;
import dev.fanfare.platform.Problem;
import dev.fanfare.platform.ProblemType;
import dev.fanfare.platform.QueryParameters;
import dev.fanfare.platform.StrictJson;
import dev.fanfare.platform.Times;
import dev.fanfare.platform.TypeId;
import dev.fanfare.replay.Candidates.Candidate;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.InputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** {@code /v1/replays}: brings back what died, or sends again what was delivered. */
@Path("/v1/replays")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Replays")
public class ReplayResource {
    private static final int MOST_RUNNING = 100;
    private static final int SHOWN_IN_DRY_RUN = 10;
    /** A dry run looks at no more deliveries than this; beyond it the count is a lower bound. */
    private static final int MOST_LOOKS_OF_DRY_RUN = 100;

    private final ReplayStore store;
    private final ReplayRunner runner;
    private final InstantSource clock;
    private final CurrentCaller caller;

    ReplayResource(ReplayStore store, ReplayRunner runner, InstantSource clock, CurrentCaller caller) {
        this.store = store;
        this.runner = runner;
        this.clock = clock;
        this.caller = caller;
    }

    @POST
    @Operation(
            operationId = "createReplay",
            summary = "Deliver again what a selector names; without a state: what died")
    public Response create(@HeaderParam("content-type") @Nullable String contentType, InputStream body) {
        JsonObjectReader reader = StrictJson.optionalObject(contentType, body);
        ObjectNode asked = reader.copy();
        Selector selector = Selector.read(reader);
        String webhookId = reader.word("webhookid", List.of("same", "new"));
        boolean dryRun = Boolean.TRUE.equals(reader.flag("dryrun"));
        reader.finish();
        UUID tenant = caller.tenantId();
        Instant now = clock.instant();
        if (dryRun) {
            return dryRun(new Candidates(selector, tenant, now));
        }
        if (store.countRunning(tenant) >= MOST_RUNNING) {
            throw Problem.of(
                            ProblemType.CONFLICT,
                            MOST_RUNNING + " replays are running; wait for one to end, or cancel one")
                    .exception();
        }
        UUID id = Ids.at(now);
        asked.remove(List.of("webhookid", "dryrun"));
        store.create(id, tenant, asked.toString(), !"new".equals(webhookId), now);
        runner.wake();
        return Response.accepted(show(require(id)))
                .header("Location", "/v1/replays/" + TypeId.format("rpl", id))
                .build();
    }

    @GET
    @Operation(operationId = "listReplays", summary = "List replays, newest first")
    public Response list(@Context UriInfo uri) {
        QueryParameters query = new QueryParameters(caller.tenantId() + " replays", uri.getQueryParameters());
        int limit = query.limit();
        Cursor cursor = query.cursor();
        query.finish();
        boolean newer = cursor != null && cursor.newer();
        UUID beyond = cursor == null ? new UUID(-1, -1) : cursor.position();
        return Page.of(store.list(caller.tenantId(), beyond, newer, limit + 1), limit, cursor, Job::id)
                .response(query, ReplayResource::show);
    }

    @GET
    @Path("/{id}")
    @Operation(operationId = "getReplay", summary = "Show a replay and how far it has come")
    public Response get(@PathParam("id") String id) {
        return Response.ok(show(require(PathId.REPLAY.parse(id)))).build();
    }

    @POST
    @Path("/{id}/cancel")
    @Operation(
            operationId = "cancelReplay",
            summary = "Stop a replay; what it has queued and nobody has attempted is again what it was")
    public Response cancel(@PathParam("id") String id) {
        UUID replay = PathId.REPLAY.parse(id);
        Job job = require(replay);
        if (!store.cancel(caller.tenantId(), replay, clock.instant()) && job.state() == Job.State.DONE) {
            throw Problem.of(ProblemType.CONFLICT, "The replay is over").exception();
        }
        runner.wake();
        return Response.ok(show(require(replay))).build();
    }

    private Response dryRun(Candidates candidates) {
        long queued = 0;
        long gone = 0;
        Map<String, Long> skipped = new TreeMap<>();
        List<String> first = new ArrayList<>();
        UUID cursor = null;
        boolean more = true;
        for (int looks = 0; more && looks < MOST_LOOKS_OF_DRY_RUN; looks++) {
            List<Candidate> looked = store.look(candidates, cursor);
            Sorting sorting = new Sorting(new HashMap<>(), Integer.MAX_VALUE);
            looked.forEach(sorting::add);
            sorting.wanted()
                    .limit(SHOWN_IN_DRY_RUN - first.size())
                    .forEach(one -> first.add(TypeId.format("dlv", one.id())));
            queued += sorting.wanted().count();
            gone += sorting.gone;
            sorting.skipped.forEach((why, count) -> skipped.merge(why, count, Long::sum));
            more = looked.size() == ReplayStore.LOOK;
            cursor = looked.isEmpty() ? null : looked.get(looked.size() - 1).id();
        }
        ObjectNode shown = ReplayStore.parse("{}");
        long others =
                gone + skipped.values().stream().mapToLong(Long::longValue).sum();
        shown.put("matched", queued + others);
        shown.put("queued", queued);
        skipped.forEach(shown.putObject("skipped")::put);
        shown.put("gone", gone);
        if (more) {
            shown.put("capped", true);
        }
        first.forEach(shown.putArray("deliveries")::add);
        return Response.ok(shown).build();
    }

    private Job require(UUID id) {
        return store.find(caller.tenantId(), id).orElseThrow(PathId.REPLAY::unknown);
    }

    private static ObjectNode show(Job job) {
        ObjectNode shown = ReplayStore.parse("{}");
        shown.put("id", TypeId.format("rpl", job.id()));
        shown.put("state", job.state().name().toLowerCase(Locale.ROOT));
        shown.set("selector", ReplayStore.parse(job.selector()));
        shown.put("webhookid", job.sameWebhookId() ? "same" : "new");
        shown.put("createdat", Times.format(job.createdAt()));
        if (job.finishedAt() != null) {
            shown.put("finishedat", Times.format(job.finishedAt()));
        }
        Job.Counters counters = job.counters();
        shown.put("matched", counters.matched());
        shown.put("queued", counters.queued());
        shown.set("skipped", ReplayStore.parse(counters.skipped()));
        shown.put("gone", counters.gone());
        shown.put("left", counters.left());
        shown.put("delivered", counters.delivered());
        shown.put("failed", counters.failed());
        shown.put("cancelled", counters.cancelled());
        shown.put("open", counters.open());
        return shown;
    }
}
