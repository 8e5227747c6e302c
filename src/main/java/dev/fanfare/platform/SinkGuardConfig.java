package dev.fanfare.platform;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.List;
import java.util.Optional;

/** Where webhooks may go: asked when a subscription is made and again before each connection. */
@ConfigMapping(prefix = "fanfare.attempt")
public interface SinkGuardConfig {
    /**
     * Networks in CIDR notation, separated by commas, that sinks may be in although they are not public, such as
     * <code>10.20.0.0/16,fd00:1234::/32</code>. Empty: none.
     */
    Optional<List<String>> allowedNetworks();

    /** Whether sinks may be <code>http</code>. Signatures then travel in the open; meant for tests and loopback. */
    @WithDefault("false")
    boolean allowHttp();
}
