package dev.fanfare.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Ingest answers, 429: a tenant over its rate. */
@QuarkusTest
@TestProfile(RateLimitStoryTest.FiveEventsPerSecond.class)
class RateLimitStoryTest extends Story {

    /** A rate is a setting of the whole server: these stories have one of their own. */
    public static final class FiveEventsPerSecond implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("fanfare.ingest.max-rate", "5");
        }
    }

    @Test
    void a_tenant_over_its_rate_is_429_with_retry_after_and_taken_when_its_time_has_come() {
        // four seconds' worth, of which one is the burst
        post(
                        BATCH,
                        IntStream.range(0, 20)
                                .mapToObj(n -> event("e-" + n, "1"))
                                .collect(Collectors.joining(",", "[", "]")))
                .statusCode(202);

        post(STRUCTURED, event("one more", "1"))
                .statusCode(429)
                .contentType("application/problem+json")
                .header("Retry-After", matchesPattern("[1-4]"))
                .body("code", equalTo("ratelimited"))
                .body("type", equalTo("urn:problem-type:fanfare:ratelimited"));
        assertThat(count("event where source = ?", source)).isEqualTo(20);

        patiently().untilAsserted(() -> post(STRUCTURED, event("one more", "1"))
                .statusCode(202)
                .body("accepted[0].duplicate", equalTo(false)));
    }
}
