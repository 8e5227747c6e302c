package dev.fanfare.dispatch;

import dev.fanfare.attempt.AttemptConfig;
import dev.fanfare.attempt.Attempter;
import dev.fanfare.platform.SinkGuard;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The node's HTTP client: as many connections to one origin as the node may have attempts. */
final class AttempterSetup {
    @Produces
    @Singleton
    Attempter attempter(
            AttemptLoops loops,
            InstantSource clock,
            SinkGuard guard,
            AttemptConfig attempts,
            DispatchConfig dispatch,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        return new Attempter(loops.vertx(), clock, guard, attempts, OpenFiles.mostInflight(dispatch), version);
    }

    void close(@Disposes Attempter attempter, AttemptLoops loops) {
        attempter.close();
        loops.close();
    }
}
