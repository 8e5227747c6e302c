package dev.fanfare.platform;

import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * What every request under /v1 has in common, raw routes and REST resources alike: a request id in the answer, and
 * problem+json for paths that nobody serves and for handlers that fail.
 */
@ApplicationScoped
public class FrontDoor {
    private static final int FIRST = -1_000;

    void open(@Observes Router router) {
        router.route("/v1/*")
                .order(FIRST)
                .handler(request -> {
                    request.response().putHeader(RequestId.HEADER, RequestId.of(request));
                    request.next();
                })
                .failureHandler(FrontDoor::fail);
        router.route("/v1/*")
                .last()
                .handler(request ->
                        refuse(request, Problem.of(ProblemType.NOT_FOUND, "There is nothing at this address")));
    }

    /** Ends the request with this problem. To be called on the request's event loop, before anything was written. */
    public static void refuse(RoutingContext request, Problem problem) {
        var response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        String requestId = RequestId.of(request);
        response.setStatusCode(problem.type().status)
                .putHeader(RequestId.HEADER, requestId)
                .putHeader("content-type", ProblemJson.MEDIA_TYPE);
        problem.headers().forEach(response::putHeader);
        response.end(ProblemJson.write(problem, requestId));
    }

    private static void fail(RoutingContext request) {
        Throwable thrown = request.failure();
        Problem problem = thrown == null ? ofStatus(request.statusCode()) : ProblemMapper.problemOf(thrown);
        if (thrown != null) {
            ProblemMapper.log(thrown, problem, RequestId.of(request));
        }
        refuse(request, problem);
    }

    private static Problem ofStatus(int status) {
        return switch (status) {
            case 404 -> Problem.of(ProblemType.NOT_FOUND, "There is nothing at this address");
            case 405 -> Problem.of(ProblemType.METHOD_NOT_ALLOWED, null);
            case 413 -> Problem.of(ProblemType.TOO_LARGE, null);
            case 415 -> Problem.of(ProblemType.UNSUPPORTED_MEDIA_TYPE, null);
            case 431 -> Problem.of(ProblemType.HEADER_TOO_LARGE, null);
            default ->
                status >= 400 && status < 500
                        ? Problem.of(ProblemType.MALFORMED, "The request cannot be read")
                        : Problem.of(ProblemType.INTERNAL, null);
        };
    }
}
