package dev.fanfare.access;

import dev.fanfare.platform.Problem;
import dev.fanfare.platform.ProblemType;
import jakarta.annotation.Priority;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.ext.Provider;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Authenticates every REST request under {@code /v1}; raw routes call {@link Access} themselves. */
@Provider
@Priority(Priorities.AUTHENTICATION)
public final class AuthenticationFilter implements ContainerRequestFilter {
    private final Access access;
    private final CurrentCaller currentCaller;

    AuthenticationFilter(Access access, CurrentCaller currentCaller) {
        this.access = access;
        this.currentCaller = currentCaller;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        if (!request.getUriInfo().getPath().startsWith("/v1/")) {
            return;
        }
        List<String> authorization = request.getHeaders().get("Authorization");
        if (authorization != null && authorization.size() > 1) {
            throw Access.unauthorized("Authorization must be given once");
        }
        List<String> tenant = request.getHeaders().get(Access.TENANT_HEADER);
        if (tenant != null && tenant.size() > 1) {
            throw Problem.of(ProblemType.UNKNOWN_TENANT, Access.TENANT_HEADER + " must be given at most once")
                    .exception();
        }
        currentCaller.is(access.authenticate(first(authorization), first(tenant)));
    }

    private static @Nullable String first(@Nullable List<String> values) {
        return values == null || values.isEmpty() ? null : values.get(0);
    }
}
