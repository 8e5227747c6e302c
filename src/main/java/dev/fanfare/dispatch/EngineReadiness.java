package dev.fanfare.dispatch;

import dev.fanfare.platform.DbClock;
import dev.fanfare.platform.NodeRegistry;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * {@code /q/health/ready}: events are taken and delivered, the node's beat is fresh, and this machine's clock is within
 * two minutes of the database's, since signatures carry the time.
 */
@Readiness
@Singleton
final class EngineReadiness implements HealthCheck {
    private final Engine engine;
    private static final Duration MOST_OFFSET = Duration.ofMinutes(2);

    private final NodeRegistry nodes;
    private final DbClock clock;

    EngineReadiness(Engine engine, NodeRegistry nodes, DbClock clock) {
        this.engine = engine;
        this.nodes = nodes;
        this.clock = clock;
    }

    @Override
    public HealthCheckResponse call() {
        Duration offset = clock.offset();
        boolean onTime = offset.abs().compareTo(MOST_OFFSET) <= 0;
        return HealthCheckResponse.named("delivery")
                .withData("clockoffsetms", offset.toMillis())
                .status(engine.isStarted() && nodes.mayStartAttempts() && onTime)
                .build();
    }
}
