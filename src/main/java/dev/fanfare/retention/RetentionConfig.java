package dev.fanfare.retention;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How long history is kept. */
@ConfigMapping(prefix = "fanfare.retention")
public interface RetentionConfig {
    /**
     * How long events, deliveries and attempts are kept. They are forgotten by whole UTC days, when all of a day is older.
     */
    @WithDefault("P30D")
    Duration keep();

    /**
     * How much longer a whole day is kept because a delivery of it still waits. Then what waits is cancelled as expired.
     */
    @WithDefault("P30D")
    Duration maxHold();
}
