package dev.fanfare.subscription;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a sink is called: {@code protocolsettings} with its defaults applied.
 *
 * @param contentType the Content-Type of structured mode instead of {@code application/cloudevents+json}
 * @param headers sent with every attempt, in this order; names and values were checked
 * @param timeout for the whole exchange, from the lookup of the name to the end of the body
 * @param maxInflight attempts at once, per node
 */
public record Settings(
        ContentMode contentMode,
        @Nullable String contentType,
        Map<String, String> headers,
        Duration timeout,
        int maxInflight,
        RetryPolicy retry) {

    /** How an event becomes a request (CloudEvents HTTP binding §3). */
    public enum ContentMode {
        STRUCTURED,
        BINARY
    }

    public Settings {
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    }
}
