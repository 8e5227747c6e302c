package dev.fanfare.access;

import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** {@code /q/health/ready}: keys are known, so that callers can be told apart. */
@Readiness
@Singleton
final class AccessReadiness implements HealthCheck {
    private final Access access;

    AccessReadiness(Access access) {
        this.access = access;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("access").status(access.isReady()).build();
    }
}
