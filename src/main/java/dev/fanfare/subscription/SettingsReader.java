package dev.fanfare.subscription;

import dev.fanfare.platform.JsonObjectReader;
import dev.fanfare.subscription.Settings.ContentMode;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code protocolsettings} and applies what is the default. */
final class SettingsReader {
    static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(15);
    static final int DEFAULT_MAX_INFLIGHT = 64;
    static final double DEFAULT_JITTER = 0.2;
    /** Standard Webhooks, "Retry schedule". */
    static final List<Duration> DEFAULT_SCHEDULE = List.of(
            Duration.ofSeconds(5),
            Duration.ofMinutes(5),
            Duration.ofMinutes(30),
            Duration.ofHours(2),
            Duration.ofHours(5),
            Duration.ofHours(10),
            Duration.ofHours(14),
            Duration.ofHours(20),
            Duration.ofHours(24));

    private static final int MAX_HEADERS = 20;
    private static final int MAX_STEPS = 50;
    private static final Duration MIN_STEP = Duration.ofMillis(100);
    private static final Duration MAX_STEP = Duration.ofDays(7);
    private static final Duration MAX_AGE = Duration.ofDays(366);

    private SettingsReader() {}

    /** Faults go to the reader. {@code secret} is left to the caller. */
    static Settings read(@Nullable JsonObjectReader settings) {
        if (settings == null) {
            return new Settings(
                    ContentMode.STRUCTURED, null, Map.of(), DEFAULT_TIMEOUT, DEFAULT_MAX_INFLIGHT, retry(null));
        }
        refuseLater(settings, "preset", "presets come later; write the schedule itself");
        settings.word("method", List.of("POST"));
        ContentMode mode = contentMode(settings);
        String contentType = settings.word("contenttype", List.of("application/json", "application/cloudevents+json"));
        if (contentType != null && mode != ContentMode.STRUCTURED) {
            settings.fault("contenttype", "invalid", "belongs to contentmode structured; binary sends the data's own");
        }
        Duration timeout = settings.duration("timeout", Duration.ofSeconds(1), Duration.ofSeconds(20));
        Integer maxInflight = settings.integer("maxinflight", 1, 4096);
        return new Settings(
                mode,
                contentType,
                headers(settings.object("headers")),
                timeout == null ? DEFAULT_TIMEOUT : timeout,
                maxInflight == null ? DEFAULT_MAX_INFLIGHT : maxInflight,
                retry(settings.object("retry")));
    }

    private static ContentMode contentMode(JsonObjectReader settings) {
        String mode = settings.text("contentmode", 20);
        if (mode == null || mode.equals("structured")) {
            return ContentMode.STRUCTURED;
        }
        if (mode.equals("batch")) {
            settings.fault("contentmode", "notyet", "batch mode comes later; use structured or binary");
        } else if (!mode.equals("binary")) {
            settings.fault("contentmode", "invalid", "must be structured or binary");
        }
        return ContentMode.BINARY;
    }

    private static Map<String, String> headers(@Nullable JsonObjectReader headers) {
        Map<String, String> read = new LinkedHashMap<>();
        if (headers == null) {
            return read;
        }
        if (headers.names().size() > MAX_HEADERS) {
            headers.faultAt(headers.pointer(), "toomany", "must have at most " + MAX_HEADERS + " headers");
            headers.ignore(headers.names().toArray(String[]::new));
            return read;
        }
        Set<String> seen = new HashSet<>();
        for (String name : headers.names()) {
            String value = headers.text(name, 1024);
            if (!HeaderNames.isToken(name)) {
                headers.fault(name, "invalid", "is not a header name (RFC 9110 §5.6.2, at most 128 characters)");
            } else if (HeaderNames.isReserved(name)) {
                headers.fault(name, "reserved", "is set by the connection or by Fanfare");
            } else if (HeaderNames.looksSecret(name)) {
                headers.fault(
                        name, "reserved", "looks like a secret; put it into sinkcredential, where it is encrypted");
            } else if (!seen.add(name.toLowerCase(Locale.ROOT))) {
                headers.fault(name, "invalid", "is there twice: case does not count in header names");
            } else if (value != null && !HeaderNames.isValue(value)) {
                headers.fault(name, "invalid", "must be printable ASCII without spaces at its ends, and not empty");
            } else if (value != null) {
                read.put(name, value);
            }
        }
        return read;
    }

    private static RetryPolicy retry(@Nullable JsonObjectReader retry) {
        List<Duration> schedule = null;
        Double jitter = null;
        Duration maxAge = null;
        Set<Integer> finalStatuses = Set.of();
        if (retry != null) {
            refuseLater(retry, "preset", "presets come later; write the schedule itself");
            schedule = schedule(retry);
            jitter = retry.number("jitter", 0, 1);
            maxAge = retry.duration("maxage", Duration.ZERO, MAX_AGE);
            finalStatuses = finalStatuses(retry);
        }
        List<Duration> waits = schedule == null ? DEFAULT_SCHEDULE : schedule;
        Duration sum = waits.stream().reduce(Duration.ZERO, Duration::plus);
        return new RetryPolicy(
                waits,
                jitter == null ? DEFAULT_JITTER : jitter,
                maxAge == null ? sum.plusDays(1) : maxAge,
                finalStatuses);
    }

    private static @Nullable List<Duration> schedule(JsonObjectReader retry) {
        return retry.each("schedule", MAX_STEPS, element -> {
            Duration wait = element.duration(Duration.ZERO, MAX_STEP);
            if (wait != null && !wait.isZero() && wait.compareTo(MIN_STEP) < 0) {
                element.fault("outofrange", "must be PT0S, or from PT0.1S to P7D");
            }
            return wait;
        });
    }

    private static Set<Integer> finalStatuses(JsonObjectReader retry) {
        List<Integer> statuses = retry.each("final", 300, status -> status.integer(300, 599));
        return statuses == null ? Set.of() : Set.copyOf(statuses);
    }

    private static void refuseLater(JsonObjectReader reader, String name, String detail) {
        if (reader.any(name) != null) {
            reader.fault(name, "notyet", detail);
        }
    }
}
