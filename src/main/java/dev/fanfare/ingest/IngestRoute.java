package dev.fanfare.ingest;

import dev.fanfare.access.Access;
import dev.fanfare.access.Caller;
import dev.fanfare.cloudevents.EventReader;
import dev.fanfare.cloudevents.RejectedEvent;
import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.event.EventResource;
import dev.fanfare.platform.Fault;
import dev.fanfare.platform.FrontDoor;
import dev.fanfare.platform.Problem;
import dev.fanfare.platform.ProblemException;
import dev.fanfare.platform.ProblemType;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * POST /v1/events, on a raw route: the body is untouched whatever its Content-Type. Checks in the order of their cost:
 * who asks, the head, the size, the body, then the rate.
 */
@ApplicationScoped
public class IngestRoute {
    private static final List<String> METHODS = List.of("GET", "HEAD", "OPTIONS", "POST");

    /** What an event takes in memory beside its bytes, about. */
    private static final long EVENT_OVERHEAD = 1_024;

    private final Access access;
    private final AcceptQueue queue;
    private final RateLimits rates;
    private final IngestMetrics metrics;
    private final IngestConfig config;
    private final EventReader reader;
    private final Vertx vertx;

    public IngestRoute(
            Access access,
            AcceptQueue queue,
            RateLimits rates,
            IngestMetrics metrics,
            IngestConfig config,
            Vertx vertx) {
        this.access = access;
        this.queue = queue;
        this.rates = rates;
        this.metrics = metrics;
        this.config = config;
        this.vertx = vertx;
        this.reader = new EventReader(new EventReader.Limits(
                Math.max(64 << 10, (int) config.maxEvent().asLongValue()),
                (int) config.maxBatch().asLongValue(),
                config.maxBatchEvents(),
                config.maxDepth()));
    }

    void open(@Observes Router router) {
        router.post("/v1/events").order(-1).handler(this::receive);
        // The REST resource of this address knows nothing of POST: it would be missing in Allow (RFC 9110 §10.2.1).
        router.route("/v1/events").order(-1).handler(context -> {
            if (METHODS.contains(context.request().method().name())) {
                context.next();
            } else {
                FrontDoor.refuse(
                        context,
                        Problem.of(ProblemType.METHOD_NOT_ALLOWED, null)
                                .withHeader("Allow", String.join(", ", METHODS)));
            }
        });
    }

    private void receive(RoutingContext context) {
        HttpServerRequest request = context.request();
        BodyReader body = new BodyReader(vertx, request, queue, config.readTimeout());
        try {
            Caller caller = access.authenticate(once(request, "authorization"), once(request, "fanfare-tenant"));
            queue.checkOpen();
            checkHeaderSize(request);
            int limit = reader.bodyLimit(request.headers());
            body.read(
                    caller.tenantId(),
                    limit,
                    bytes -> parse(context, caller, bytes, body),
                    problem -> refuse(context, body, problem));
        } catch (RejectedEvent rejected) {
            refuse(context, body, problemOf(rejected));
        } catch (ProblemException refused) {
            refuse(context, body, refused.problem());
        }
    }

    private static @Nullable String once(HttpServerRequest request, String header) {
        List<String> values = request.headers().getAll(header);
        if (values.size() > 1) {
            throw Access.unauthorized(header + " must be given once");
        }
        return values.isEmpty() ? null : values.get(0);
    }

    private void checkHeaderSize(HttpServerRequest request) {
        long size = 0;
        for (Map.Entry<String, String> header : request.headers()) {
            size += header.getKey().length() + header.getValue().length() + 4;
        }
        if (size > config.maxHeaders().asLongValue()) {
            throw Problem.of(
                            ProblemType.HEADER_TOO_LARGE,
                            "The header block has " + size + " bytes; the limit is "
                                    + config.maxHeaders().asLongValue())
                    .exception();
        }
    }

    private void parse(RoutingContext context, Caller caller, byte[] bytes, BodyReader body) {
        List<WireEvent> events;
        try {
            events = reader.read(context.request().headers(), bytes);
            rates.check(caller.tenantId(), events.size());
            if (!body.charge(EVENT_OVERHEAD * events.size())) {
                throw BodyReader.full().exception();
            }
        } catch (RejectedEvent rejected) {
            refuse(context, body, problemOf(rejected));
            return;
        } catch (ProblemException refused) {
            refuse(context, body, refused.problem());
            return;
        }
        CompletableFuture<List<Accepted>> result = new CompletableFuture<>();
        // Whatever the database does, the producer knows in time that it must send again.
        long timer = vertx.setTimer(
                config.commitTimeout().toMillis(),
                id -> result.completeExceptionally(
                        Problem.unavailable("The event was not committed in time", Duration.ofSeconds(1))
                                .exception()));
        var loop = vertx.getOrCreateContext();
        var unused = result.whenComplete((accepted, failure) -> loop.runOnContext(nothing -> {
            vertx.cancelTimer(timer);
            if (failure != null) {
                refuse(context, body, problemOf(failure));
            } else {
                body.done();
                metrics.accepted(accepted.size());
                context.response()
                        .setStatusCode(202)
                        .putHeader("content-type", "application/json")
                        .end(Receipt.of(accepted));
            }
        }));
        queue.add(new Submission(caller.tenantId(), events, null, body.handOver(), result));
    }

    private void refuse(RoutingContext context, BodyReader body, Problem problem) {
        metrics.refused(problem.type());
        body.discard();
        FrontDoor.refuse(context, problem);
    }

    private static Problem problemOf(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof ProblemException known ? known.problem() : Problem.of(ProblemType.INTERNAL, null);
    }

    private static Problem problemOf(RejectedEvent rejected) {
        List<Fault> faults = rejected.faults().stream()
                .map(fault -> new Fault(fault.pointer(), fault.code(), fault.detail()))
                .toList();
        ProblemType type =
                switch (rejected.kind()) {
                    case MALFORMED -> ProblemType.MALFORMED;
                    case TOO_LARGE -> ProblemType.TOO_LARGE;
                    case UNSUPPORTED_MEDIA_TYPE -> ProblemType.UNSUPPORTED_MEDIA_TYPE;
                    case UNSUPPORTED_ENCODING -> ProblemType.UNSUPPORTED_ENCODING;
                };
        Problem problem = Problem.of(
                        type, faults.isEmpty() ? null : faults.get(0).detail())
                .withErrors(faults);
        return switch (type) {
            case UNSUPPORTED_MEDIA_TYPE -> problem.withHeader("Accept-Post", EventResource.ACCEPT_POST);
            case UNSUPPORTED_ENCODING -> problem.withHeader("Accept-Encoding", "identity");
            default -> problem;
        };
    }
}
