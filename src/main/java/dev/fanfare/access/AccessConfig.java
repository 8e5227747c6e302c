package dev.fanfare.access;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** Who may call. */
@ConfigMapping(prefix = "fanfare.access")
public interface AccessConfig {
    /**
     * The operator's API key, at least 32 characters without white space. It stands in for the generated one, which is
     * then refused. Without it a key is generated at the first start and printed once.
     */
    Optional<String> operatorKey();
}
