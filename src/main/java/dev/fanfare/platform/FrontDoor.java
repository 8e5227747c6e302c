package dev.fanfare.platform;

import io.netty.channel.Channel;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;

/**
 * What every request under /v1 has in common, raw routes and REST resources alike: a request id in the answer, and
 * problem+json for paths that nobody serves and for handlers that fail. No connection is served on while more than some
 * 64 KiB of its answers are unread.
 */
@ApplicationScoped
public class FrontDoor {
    private static final int FIRST = -1_000;

    void open(@Observes Router router) {
        router.route().order(FIRST - 1).handler(FrontDoor::admit);
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

    /**
     * Closes a connection whose client asks on and does not read what it was answered, or on which nobody can tell where
     * the next request begins (RFC 9112 §6.3). At once: an orderly end would wait for that client, and serve what follows.
     */
    private static void admit(RoutingContext request) {
        Channel connection = ((ConnectionBase) request.request().connection()).channel();
        if (!connection.isActive()) {
            return; // came behind a request after which the connection was closed
        }
        if (request.response().writeQueueFull()) {
            var unused = connection.close();
        } else if (isFramed(request)) {
            request.next();
        } else {
            refuse(request, Problem.of(ProblemType.MALFORMED, "Transfer-Encoding may only be chunked"));
            var unused = connection.flush().close();
        }
    }

    /** The codec ignores a transfer coding that it does not know. */
    private static boolean isFramed(RoutingContext request) {
        List<String> codings = request.request().headers().getAll(HttpHeaders.TRANSFER_ENCODING);
        return codings.isEmpty()
                || (codings.size() == 1 && codings.get(0).strip().equalsIgnoreCase("chunked"));
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
        // the router refuses a request without Host by a status and an exception of its own
        boolean refused = request.statusCode() >= 400 && request.statusCode() < 500;
        Problem problem = thrown == null || refused ? ofStatus(request.statusCode()) : ProblemMapper.problemOf(thrown);
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
