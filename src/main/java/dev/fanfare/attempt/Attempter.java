package dev.fanfare.attempt;

import dev.fanfare.delivery.Outcome;
import dev.fanfare.delivery.Reason;
import dev.fanfare.platform.SinkGuard;
import dev.fanfare.subscription.LiveSubscription;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.tracing.TracingPolicy;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/** Sends webhooks: resolve, vet every address, connect to one of them, sign, POST, read what is answered. */
public final class Attempter implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Attempter.class);
    private static final int MOST_ENVELOPES = 20_000;
    private static final int MOST_HEAD_BYTES = 8 * 1024;
    private static final int IDLE_SECONDS = 30;
    /** The longest timeout that a subscription can have: the attempt's own timer comes first. */
    private static final int HANDSHAKE_SECONDS = 20;

    private static final byte[] NOTHING = new byte[0];

    final Vertx vertx;
    final InstantSource clock;
    final Names names;
    /** Open connections that have not carried a request yet. */
    final Set<HttpConnection> unused = ConcurrentHashMap.newKeySet();
    /** Keeps connections. */
    final HttpClient client;

    private final AtomicInteger open = new AtomicInteger();
    private final int mostOpen;
    /** Opens a connection for each request. */
    final HttpClient freshClient;

    private final SinkGuard guard;
    private final String userAgent;
    private final ConcurrentHashMap<UUID, Envelope> envelopes = new ConcurrentHashMap<>();

    /**
     * Opens the HTTP client and the name resolver.
     *
     * @param maxInflight most attempts that this node runs at once; the pool of connections is as large for each
     *     origin, since the caller's own count is the bound
     * @param version of this program, for {@code user-agent}
     * @throws IllegalArgumentException when a configured name server is not an address
     */
    public Attempter(
            Vertx vertx, InstantSource clock, SinkGuard guard, AttemptConfig config, int maxInflight, String version) {
        this.vertx = vertx;
        this.clock = clock;
        this.guard = guard;
        this.names = new Names(config, guard);
        this.userAgent = "Fanfare/" + version;
        this.mostOpen = maxInflight;
        PoolOptions pool = new PoolOptions().setHttp1MaxSize(maxInflight).setMaxWaitQueueSize(maxInflight);
        this.client = vertx.httpClientBuilder()
                .with(options().setKeepAlive(true).setKeepAliveTimeout(IDLE_SECONDS))
                .with(pool)
                .withConnectHandler(connection -> {
                    unused.add(connection);
                    open.incrementAndGet();
                    connection.closeHandler(closed -> {
                        open.decrementAndGet();
                        unused.remove(connection);
                    });
                    connection.exceptionHandler(broken -> {}); // the exchange hears of it; no log line per bad answer
                })
                .build();
        this.freshClient = vertx.httpClientBuilder()
                .with(options().setKeepAlive(false))
                .with(pool)
                .withConnectHandler(connection -> connection.exceptionHandler(broken -> {}))
                .build();
    }

    private static HttpClientOptions options() {
        HttpClientOptions options =
                new HttpClientOptions().setMaxHeaderSize(MOST_HEAD_BYTES).setTracingPolicy(TracingPolicy.IGNORE);
        options.setSslHandshakeTimeout(HANDSHAKE_SECONDS).setSslHandshakeTimeoutUnit(TimeUnit.SECONDS);
        return options;
    }

    /**
     * Makes one attempt. To be called on an event loop's context; completes on the same, within the subscription's
     * timeout, and never fails. The response's body is kept up to 16 KiB, its header lines up to 8 KiB.
     */
    public Future<Outcome> send(AttemptRequest request) {
        Instant startedAt = clock.instant();
        try {
            Envelope envelope = envelope(request.subscription());
            return new Exchange(this, request, envelope, startedAt).start();
        } catch (IllegalArgumentException e) {
            LOG.debugf(
                    "Subscription %s: unusable sink: %s", request.subscription().id(), e.getMessage());
            return Future.succeededFuture(
                    new Outcome(startedAt, 0, null, 0, Reason.SINKREFUSED, null, NOTHING, NOTHING, false));
        } catch (RuntimeException e) {
            LOG.errorf(e, "Delivery %s could not be attempted", request.deliveryId());
            return Future.succeededFuture(
                    new Outcome(startedAt, 0, null, 0, Reason.INTERNAL, null, NOTHING, NOTHING, false));
        }
    }

    /**
     * Whether more connections are open than attempts may be in flight: one that has done its work is closed then, or
     * those that wait for their next request would add up with every origin.
     */
    boolean isCrowded() {
        return open.get() > mostOpen;
    }

    /** Closes all connections; attempts under way end as connectionreset. */
    @Override
    public void close() {
        client.close();
        freshClient.close();
        names.close();
    }

    @SuppressWarnings("ReferenceEquality") // a change is a new object; comparing all values would cost too much
    private Envelope envelope(LiveSubscription subscription) {
        Envelope known = envelopes.get(subscription.id());
        if (known != null && known.subscription == subscription) {
            return known;
        }
        if (envelopes.size() >= MOST_ENVELOPES) {
            envelopes.clear();
        }
        Envelope made = new Envelope(subscription, guard, userAgent);
        envelopes.put(subscription.id(), made);
        return made;
    }
}
