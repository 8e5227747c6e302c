package dev.fanfare.attempt;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How names of sinks are resolved. Where webhooks may go is configured beside the sink guard, under the same prefix. */
@ConfigMapping(prefix = "fanfare.attempt")
public interface AttemptConfig {
    /**
     * DNS servers to ask, as <code>address</code> or <code>address:port</code>, separated by commas. Empty: those of
     * the operating system.
     */
    Optional<List<String>> nameServers();

    /** How long resolving a name may take; it counts towards the attempt's timeout too. */
    @WithDefault("PT5S")
    Duration dnsTimeout();

    /** How long resolved addresses are used without asking again. A failure is remembered for a second. */
    @WithDefault("PT10S")
    Duration dnsCache();
}
