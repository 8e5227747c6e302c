package dev.fanfare.attempt;

import dev.fanfare.delivery.Outcome;
import dev.fanfare.delivery.Reason;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** One attempt under way; lives on one event loop. Whatever happens, {@link #finish} is reached once that counts. */
final class Exchange {

    private static final Logger LOG = Logger.getLogger(Exchange.class);

    private final Attempter attempter;
    private final AttemptRequest attempt;
    private final Envelope envelope;
    private final Instant startedAt;
    private final long startedNanos = System.nanoTime();
    private final Promise<Outcome> promise = Promise.promise();
    private final KeptResponse kept = new KeptResponse();

    private long timer;
    private boolean done;
    private @Nullable InetAddress address;
    private @Nullable HttpClientRequest request;
    private @Nullable HttpClientResponse response;

    Exchange(Attempter attempter, AttemptRequest attempt, Envelope envelope, Instant startedAt) {
        this.attempter = attempter;
        this.attempt = attempt;
        this.envelope = envelope;
        this.startedAt = startedAt;
    }

    Future<Outcome> start() {
        if (envelope.refusal != null) {
            refuse(envelope.literal == null ? null : envelope.literal.refused(), envelope.refusal);
            return promise.future();
        }
        long timeout = envelope.subscription.settings().timeout().toMillis();
        timer = attempter.vertx.setTimer(Math.max(1, timeout), fired -> fail(Reason.TIMEOUT, null));
        if (envelope.literal != null) {
            resolved(envelope.literal);
            return promise.future();
        }
        var answer = attempter.names.resolve(envelope.sink.host());
        if (answer.isDone() && !answer.isCompletedExceptionally()) {
            resolved(answer.join());
        } else {
            Future.fromCompletionStage(answer, attempter.vertx.getOrCreateContext())
                    .onSuccess(this::resolved)
                    .onFailure(cause -> fail(Reason.DNSFAILURE, cause));
        }
        return promise.future();
    }

    private void resolved(Names.Resolved resolved) {
        if (resolved.refused() != null) {
            refuse(resolved.refused(), "resolves to an address that is not public");
            return;
        }
        // A retry goes to the name's next address, so that one dead address does not take all attempts.
        int index = Math.floorMod(attempt.number() - 1, resolved.addresses().size());
        address = resolved.addresses().get(index);
        connect(address, false);
    }

    private void connect(InetAddress to, boolean fresh) {
        if (done) {
            return;
        }
        HttpClient client = fresh ? attempter.freshClient : attempter.client;
        try {
            client.request(envelope.to(to)).onComplete(made -> {
                if (done && made.succeeded()) {
                    made.result().reset();
                } else if (made.succeeded()) {
                    post(made.result(), to, fresh);
                } else {
                    fail(Failures.connecting(made.cause()), made.cause());
                }
            });
        } catch (RuntimeException e) {
            fail(Reason.INTERNAL, e);
        }
    }

    private void post(HttpClientRequest made, InetAddress to, boolean fresh) {
        request = made;
        made.exceptionHandler(broken -> {}); // what counts comes by the futures
        boolean reused = !fresh && !attempter.unused.remove(made.connection());
        try {
            Buffer body = SignedRequest.write(made, attempt, envelope, attempter.clock.instant());
            made.send(body).onComplete(answered -> {
                if (answered.succeeded()) {
                    answered(answered.result());
                } else if (reused && !done && Failures.isClosed(answered.cause())) {
                    // The receiver closed an idle connection just as it was used: that says nothing about it.
                    connect(to, true);
                } else {
                    fail(Failures.exchanging(answered.cause()), answered.cause());
                }
            });
        } catch (RuntimeException e) {
            fail(Reason.INTERNAL, e);
        }
    }

    private void answered(HttpClientResponse head) {
        if (done) {
            return;
        }
        response = head;
        head.exceptionHandler(broken -> end(true));
        head.endHandler(whole -> end(false));
        head.handler(chunk -> {
            if (!kept.take(chunk)) {
                end(true);
            }
        });
    }

    /** The head has decided; how the body ended only says whether all of it is kept. */
    private void end(boolean cut) {
        HttpClientResponse head = response;
        if (head == null || done) {
            return;
        }
        int status = head.statusCode();
        if (status < 100 || status > 999) { // RFC 9110 §15: three digits
            finish(0, Reason.NOTHTTP, null, true);
            reset();
            return;
        }
        boolean success = status >= 200 && status < 300;
        String retryAfter = success ? null : head.getHeader(HttpHeaders.RETRY_AFTER);
        boolean wholeHead = kept.take(head.headers());
        finish(
                status,
                success ? null : status / 100 == 3 ? Reason.REDIRECT : Reason.HTTPSTATUS,
                retryAfter == null ? null : RetryAfter.parse(retryAfter, attempter.clock.instant()),
                cut || !wholeHead);
        if (cut || status < 200) { // after a 101 the connection no longer speaks HTTP
            reset();
        } else if (attempter.isCrowded()) {
            head.request().connection().close();
        }
    }

    private void refuse(@Nullable InetAddress refused, String why) {
        address = refused;
        LOG.debugf("%s refused: %s", envelope.sink.host(), why);
        fail(Reason.SINKREFUSED, null);
    }

    private void fail(Reason reason, @Nullable Throwable cause) {
        if (done) {
            return;
        }
        if (response != null) {
            end(true);
            return;
        }
        if (reason == Reason.INTERNAL) {
            LOG.warnf(cause, "Delivery %s: an attempt failed inside Fanfare; it is tried again", attempt.deliveryId());
        } else if (cause != null) {
            LOG.debugf("Delivery %s to %s: %s", attempt.deliveryId(), envelope.sink.host(), cause);
        }
        finish(0, reason, null, false);
        reset();
    }

    private void finish(int status, @Nullable Reason reason, @Nullable Duration retryAfter, boolean truncated) {
        done = true;
        attempter.vertx.cancelTimer(timer);
        int millis = (int) TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos);
        String to = address == null ? null : address.getHostAddress();
        if (LOG.isDebugEnabled()) {
            LOG.debugf(
                    "Delivery %s subscription %s attempt %d: status %d, %s, %s, %d ms",
                    attempt.deliveryId(),
                    envelope.subscription.id(),
                    attempt.number(),
                    status,
                    reason == null ? "delivered" : reason.word(),
                    to,
                    millis);
        }
        promise.complete(new Outcome(
                startedAt,
                millis,
                to,
                status,
                reason,
                retryAfter,
                envelope.echo.hide(kept.headerLines()),
                envelope.echo.hide(kept.body()),
                truncated));
    }

    /** Closes the connection, if there is one: what else would come over it is of no use. */
    private void reset() {
        if (request != null) {
            request.reset();
        }
    }
}
