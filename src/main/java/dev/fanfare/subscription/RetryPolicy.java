package dev.fanfare.subscription;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * When a failed delivery is tried again.
 *
 * @param schedule the waits before each retry, counted from the failure; empty means one attempt
 * @param jitter each wait is spread evenly over wait × (1 ± jitter); 0 to 1
 * @param maxAge how long Retry-After may hold a delivery, counted from its first attempt since acceptance or revival
 * @param finalStatuses answers that give up at once
 */
public record RetryPolicy(List<Duration> schedule, double jitter, Duration maxAge, Set<Integer> finalStatuses) {
    public RetryPolicy {
        schedule = List.copyOf(schedule);
        finalStatuses = Set.copyOf(finalStatuses);
    }
}
