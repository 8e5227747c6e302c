package dev.fanfare.platform;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jspecify.annotations.Nullable;

/** The one place where what a request dies of becomes a {@link Problem}. */
public final class ProblemMapper {
    private static final Logger LOG = Logger.getLogger(ProblemMapper.class);

    /** RFC 9110 §8.3.1 */
    private static final Pattern CONTENT_TYPE = Pattern.compile(
            "[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+[ \\t]*(?:;[ \\t]*[^=;]+=[^;]+)*;?[ \\t]*");

    private final AllowedMethods allowedMethods;

    ProblemMapper(AllowedMethods allowedMethods) {
        this.allowedMethods = allowedMethods;
    }

    /** REST resources: every exception of every kind comes through here. */
    @ServerExceptionMapper({Throwable.class, WebApplicationException.class, NotFoundException.class})
    public Response map(Throwable thrown, RoutingContext request) {
        String requestId = RequestId.of(request);
        Problem problem = isContentTypeMalformed(thrown, request)
                ? Problem.of(ProblemType.UNSUPPORTED_MEDIA_TYPE, "Content-Type is malformed")
                : methodOrPath(problemOf(thrown), thrown, request);
        log(thrown, problem, requestId);
        Response.ResponseBuilder response = Response.status(problem.type().status)
                .header(HttpHeaders.CONTENT_TYPE, ProblemJson.MEDIA_TYPE)
                .entity(ProblemJson.write(problem, requestId));
        problem.headers().forEach(response::header);
        if (problem.type() == ProblemType.METHOD_NOT_ALLOWED) {
            response.header(HttpHeaders.ALLOW, allowedMethods.at(request.normalizedPath()));
        }
        return response.build();
    }

    /** REST answers 404 for a path that it has under another method: such a path exists (RFC 9110 §15.5.6). */
    private Problem methodOrPath(Problem problem, Throwable thrown, RoutingContext request) {
        String allowed = allowedMethods.at(request.normalizedPath());
        boolean otherMethod = thrown instanceof NotFoundException
                && !allowed.isEmpty()
                && !List.of(allowed.split(", "))
                        .contains(request.request().method().name());
        return otherMethod ? Problem.of(ProblemType.METHOD_NOT_ALLOWED, null) : problem;
    }

    /** REST refuses such a header as 400 before any resource sees it. */
    private static boolean isContentTypeMalformed(Throwable thrown, RoutingContext request) {
        String contentType = request.request().getHeader("content-type");
        return thrown instanceof WebApplicationException refused
                && refused.getResponse().getStatus() == 400
                && contentType != null
                && !CONTENT_TYPE.matcher(contentType).matches();
    }

    /** What the client is told; what the server knows beyond it stays in the log. */
    public static Problem problemOf(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProblemException refused) {
                return refused.problem();
            }
            if (cause instanceof WebApplicationException refused) {
                return ofStatus(refused);
            }
            if (cause instanceof JsonProcessingException) {
                return Problem.of(ProblemType.MALFORMED, "The body is not the JSON that is expected here");
            }
            if (cause instanceof SQLException sql) {
                return ofSqlState(sql.getSQLState(), isTransient(sql));
            }
        }
        return Problem.of(ProblemType.INTERNAL, null);
    }

    static void log(Throwable thrown, Problem problem, String requestId) {
        if (problem.type() == ProblemType.INTERNAL) {
            LOG.errorf(thrown, "Request %s failed and was answered 500; nothing of it was committed", requestId);
        } else if (problem.type() == ProblemType.UNAVAILABLE) {
            LOG.warnf("Request %s was answered 503, the client will try again: %s", requestId, thrown);
        }
    }

    private static Problem ofStatus(WebApplicationException refused) {
        Response response = refused.getResponse();
        return switch (response.getStatus()) {
            case 404 -> Problem.of(ProblemType.NOT_FOUND, "There is nothing at this address");
            case 405 -> Problem.of(ProblemType.METHOD_NOT_ALLOWED, null);
            case 406 -> Problem.of(ProblemType.NOT_ACCEPTABLE, null);
            case 413 -> Problem.of(ProblemType.TOO_LARGE, null);
            case 415 -> Problem.of(ProblemType.UNSUPPORTED_MEDIA_TYPE, null);
            case 503 -> Problem.unavailable("Try again", Duration.ofSeconds(1));
            default ->
                response.getStatus() >= 400 && response.getStatus() < 500
                        ? Problem.of(ProblemType.MALFORMED, "The request cannot be read")
                        : Problem.of(ProblemType.INTERNAL, null);
        };
    }

    /**
     * Classes of SQLSTATE (Postgres, appendix A): what passes by itself is 503, a value that cannot be kept is 400. 55000
     * is what a database says that an operator has closed to connections.
     */
    static Problem ofSqlState(@Nullable String state, boolean passes) {
        if (passes || state == null || state.matches("(08|53|57|40).{3}|55P03|55000|25006|3D000")) {
            return Problem.unavailable("The database cannot be reached or is overloaded", Duration.ofSeconds(2));
        }
        if (state.startsWith("22")) {
            return Problem.of(ProblemType.UNSTORABLE, "A value cannot be stored");
        }
        return Problem.of(ProblemType.INTERNAL, null);
    }

    private static boolean isTransient(SQLException sql) {
        return sql instanceof SQLTransientException || sql instanceof SQLRecoverableException;
    }
}
