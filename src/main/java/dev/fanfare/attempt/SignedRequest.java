package dev.fanfare.attempt;

import dev.fanfare.cloudevents.EventWriter;
import dev.fanfare.cloudevents.EventWriter.BinaryMessage;
import dev.fanfare.signing.Signatures;
import dev.fanfare.subscription.Settings.ContentMode;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpHeaders;
import java.time.Instant;
import java.util.Optional;

/** What of a request is an attempt's own: the event in its content mode, and the signature over it (Standard Webhooks). */
final class SignedRequest {
    private static final CharSequence WEBHOOK_ID = HttpHeaders.createOptimized("webhook-id");
    private static final CharSequence WEBHOOK_TIMESTAMP = HttpHeaders.createOptimized("webhook-timestamp");
    private static final CharSequence WEBHOOK_SIGNATURE = HttpHeaders.createOptimized("webhook-signature");
    private static final CharSequence ATTEMPT = HttpHeaders.createOptimized("fanfare-attempt");
    private static final CharSequence REPLAY = HttpHeaders.createOptimized("fanfare-replay");
    private static final CharSequence TRACEPARENT = HttpHeaders.createOptimized("traceparent");

    private SignedRequest() {}

    /** Sets the headers, and returns the body that is to be sent with them. */
    static Buffer write(HttpClientRequest request, AttemptRequest attempt, Envelope envelope, Instant now) {
        byte[] body = body(request, attempt, envelope);
        long seconds = now.getEpochSecond();
        request.putHeader(WEBHOOK_ID, attempt.webhookId())
                .putHeader(WEBHOOK_TIMESTAMP, Long.toString(seconds))
                .putHeader(
                        WEBHOOK_SIGNATURE,
                        Signatures.sign(envelope.subscription.secretsAt(now), attempt.webhookId(), seconds, body))
                .putHeader(ATTEMPT, Integer.toString(attempt.number()))
                .putHeader(TRACEPARENT, TraceParent.next(attempt.event().attribute("traceparent")));
        if (attempt.replayId() != null) {
            request.putHeader(REPLAY, attempt.replayId());
        }
        return wrap(body);
    }

    /** Sets the headers that depend on the event and its mode; a webhook must have payload and Content-Type. */
    private static byte[] body(HttpClientRequest request, AttemptRequest attempt, Envelope envelope) {
        if (envelope.subscription.settings().contentMode() == ContentMode.BINARY) {
            Optional<BinaryMessage> binary = EventWriter.binary(attempt.event());
            if (binary.isPresent()) {
                binary.get().headers().forEach(header -> request.putHeader(header.getKey(), header.getValue()));
                return binary.get().body();
            }
        }
        request.putHeader(HttpHeaders.CONTENT_TYPE, envelope.structuredContentType);
        return attempt.event().structured();
    }

    /** Not a copy: many deliveries share the bytes of one event. */
    @SuppressWarnings("deprecation") // the only way that does not copy
    private static Buffer wrap(byte[] body) {
        return Buffer.buffer(Unpooled.wrappedBuffer(body));
    }
}
