package dev.fanfare.dispatch;

import dev.fanfare.platform.NodeRegistry;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** {@code /q/health/ready}: events are taken and delivered, and the node's beat is fresh. */
@Readiness
@Singleton
final class EngineReadiness implements HealthCheck {
    private final Engine engine;
    private final NodeRegistry nodes;

    EngineReadiness(Engine engine, NodeRegistry nodes) {
        this.engine = engine;
        this.nodes = nodes;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("delivery")
                .status(engine.isStarted() && nodes.mayStartAttempts())
                .build();
    }
}
