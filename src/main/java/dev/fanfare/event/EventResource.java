package dev.fanfare.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.fanfare.access.CurrentCaller;
import dev.fanfare.cloudevents.EventWriter;
import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.PathId;
import dev.fanfare.platform.Problem;
import dev.fanfare.platform.ProblemType;
import dev.fanfare.platform.QueryParameters;
import dev.fanfare.platform.Times;
import dev.fanfare.platform.TypeId;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.OPTIONS;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** {@code GET /v1/events}: what was accepted. */
@Path("/v1/events")
@Tag(name = "Events")
public class EventResource {
    /** What POST takes, for {@code Accept-Post}. */
    public static final String ACCEPT_POST = "application/cloudevents+json, application/cloudevents-batch+json, */*";

    static final String STRUCTURED = "application/cloudevents+json";
    private static final int MAX_ATTRIBUTE = 4_096;

    private final EventList events;
    private final CurrentCaller caller;

    EventResource(EventList events, CurrentCaller caller) {
        this.events = events;
        this.caller = caller;
    }

    @Schema(name = "EventSummary", description = "An accepted event without its data")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Summary(
            @Schema(
                    required = true,
                    description = "Fanfare's id of the event",
                    examples = "evt_01h455vb4pex5vsknk084sn02q")
            String event,

            @Schema(required = true, description = "The CloudEvents id")
            String id,

            @Schema(required = true) String source,
            @Schema(required = true) String type,
            @Nullable String subject,

            @Schema(description = "The CloudEvents time, as it came") @Nullable
            String time,

            @Schema(required = true, format = "date-time") String acceptedat,
            @Nullable String datacontenttype,

            @Schema(required = true, description = "Bytes of data")
            int size) {
        static Summary of(EventList.Row row) {
            return new Summary(
                    TypeId.format("evt", row.event()),
                    row.id(),
                    row.source(),
                    row.type(),
                    row.subject(),
                    row.time(),
                    Times.format(Ids.timeOf(row.event())),
                    row.datacontenttype(),
                    row.size());
        }
    }

    @GET
    @Operation(operationId = "listEvents", summary = "List accepted events, newest first")
    @Parameter(
            name = "id",
            in = ParameterIn.QUERY,
            description = "The CloudEvents id; with source it is found at once",
            schema = @Schema(type = SchemaType.STRING))
    @Parameter(name = "source", in = ParameterIn.QUERY, schema = @Schema(type = SchemaType.STRING))
    @Parameter(name = "type", in = ParameterIn.QUERY, schema = @Schema(type = SchemaType.STRING))
    @Parameter(name = "subject", in = ParameterIn.QUERY, schema = @Schema(type = SchemaType.STRING))
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
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(type = SchemaType.ARRAY, implementation = Summary.class)))
    public Response list(@Context UriInfo uri) {
        QueryParameters query = new QueryParameters(caller.tenantId() + " events", uri.getQueryParameters());
        EventList.Filter filter = new EventList.Filter(
                query.text("id", MAX_ATTRIBUTE),
                query.text("source", MAX_ATTRIBUTE),
                query.text("type", MAX_ATTRIBUTE),
                query.text("subject", MAX_ATTRIBUTE),
                query.instant("from"),
                query.instant("to"));
        int limit = query.limit();
        var cursor = query.cursor();
        query.finish();
        Response page = events.page(caller.tenantId(), filter, limit, cursor).response(query, Summary::of);
        return Response.fromResponse(page).type(MediaType.APPLICATION_JSON).build();
    }

    /** {@code POST} is a raw route of ingest. */
    @OPTIONS
    @Operation(hidden = true)
    public Response options() {
        return Response.ok()
                .header("Allow", "GET, HEAD, OPTIONS, POST")
                .header("Accept-Post", ACCEPT_POST)
                .build();
    }

    @GET
    @Path("/{event}")
    @Operation(
            operationId = "getEvent",
            summary = "Show an event",
            description = "Structured JSON, unless Accept prefers the event's own datacontenttype: then in binary"
                    + " mode, attributes in ce- headers and the data as the body, byte for byte.")
    @APIResponse(
            responseCode = "200",
            description = "The event",
            content = {
                @Content(mediaType = STRUCTURED, schema = @Schema(ref = "CloudEvent")),
                @Content(mediaType = "*/*", schema = @Schema(type = SchemaType.STRING, format = "binary"))
            })
    @APIResponse(responseCode = "404", ref = "NotFound")
    @APIResponse(responseCode = "406", ref = "NotAcceptable")
    public Response get(@PathParam("event") String id, @Context HttpHeaders headers, @Context UriInfo uri) {
        new QueryParameters("", uri.getQueryParameters()).finish();
        WireEvent event = events.find(caller.tenantId(), PathId.EVENT.parse(id)).orElseThrow(PathId.EVENT::unknown);
        AcceptHeader accept = AcceptHeader.parse(headers.getRequestHeader(HttpHeaders.ACCEPT));
        EventWriter.BinaryMessage binary = EventWriter.binary(event).orElse(null);
        double structuredQuality = accept.quality(STRUCTURED);
        double binaryQuality = binary == null ? 0 : accept.quality(contentType(binary));
        if (binary != null && binaryQuality > structuredQuality) {
            return binary(binary);
        }
        if (structuredQuality > 0) {
            return Response.ok(event.structured(), EventWriter.STRUCTURED_CONTENT_TYPE)
                    .header(HttpHeaders.VARY, HttpHeaders.ACCEPT)
                    .build();
        }
        throw Problem.of(
                        ProblemType.NOT_ACCEPTABLE,
                        "The event can be had as " + STRUCTURED
                                + (binary == null ? "" : " or as " + contentType(binary)))
                .exception();
    }

    private static Response binary(EventWriter.BinaryMessage message) {
        Response.ResponseBuilder response = Response.ok(message.body()).header(HttpHeaders.VARY, HttpHeaders.ACCEPT);
        message.headers().forEach(header -> response.header(header.getKey(), header.getValue()));
        // Somebody else's bytes: no browser may take them for more than they say they are.
        return response.header("x-content-type-options", "nosniff").build();
    }

    private static String contentType(EventWriter.BinaryMessage message) {
        String declared = message.headers().stream()
                .filter(header -> header.getKey().equals("content-type"))
                .findFirst()
                .orElseThrow()
                .getValue();
        return declared.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }
}
