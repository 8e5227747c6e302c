package dev.fanfare.attempt;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.subscription.LiveSubscription;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What to send.
 *
 * @param webhookId the {@code webhook-id}: constant over the retries of a delivery
 * @param number which attempt of the delivery this is, from 1
 * @param replayId the replay's id as receivers see it ({@code rpl_…}), null when this is none
 * @param subscription as it is now: sink, secrets and settings are those in force at each attempt
 */
public record AttemptRequest(
        UUID deliveryId,
        String webhookId,
        int number,
        @Nullable String replayId,
        WireEvent event,
        LiveSubscription subscription) {}
