package dev.fanfare.attempt;

import dev.fanfare.cloudevents.EventWriter;
import dev.fanfare.platform.SinkAddress;
import dev.fanfare.platform.SinkGuard;
import dev.fanfare.subscription.Credential;
import dev.fanfare.subscription.LiveSubscription;
import inet.ipaddr.IPAddress;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What all attempts of a subscription share until it changes: where they go, and the headers that stay the same. */
final class Envelope {

    private static final int POOL_PARTS = 64;

    private record Pinned(InetAddress address, RequestOptions options) {}

    final LiveSubscription subscription;
    final SinkAddress sink;
    /** Null when the sink is a name. */
    final Names.@Nullable Resolved literal;
    /** Why the sink is refused as it is written, null when it is not. */
    final @Nullable String refusal;

    final String structuredContentType;
    final Echo echo;
    private final MultiMap headers;
    private volatile @Nullable Pinned lastPinned;

    /**
     * Prepares a subscription.
     *
     * @throws IllegalArgumentException when its sink is no http or https URI
     */
    Envelope(LiveSubscription subscription, SinkGuard guard, String userAgent) {
        this.subscription = subscription;
        this.sink = SinkAddress.parse(URI.create(subscription.sink()));
        this.refusal = guard.refusal(sink).orElse(null);
        IPAddress address = sink.literal();
        this.literal = address == null ? null : Names.vet(List.of(address.toInetAddress()), guard);
        String contentType = subscription.settings().contentType();
        this.structuredContentType = contentType == null ? EventWriter.STRUCTURED_CONTENT_TYPE : contentType;
        this.echo = Echo.of(subscription.credential());
        this.headers = headers(userAgent);
    }

    /** The request to one address of the sink; Host, SNI and the certificate check follow the name all the same. */
    RequestOptions to(InetAddress address) {
        Pinned pinned = lastPinned;
        if (pinned == null || !pinned.address.equals(address)) {
            pinned = new Pinned(
                    address,
                    new RequestOptions()
                            .setMethod(HttpMethod.POST)
                            .setHost(sink.host())
                            .setPort(sink.port())
                            .setSsl(sink.tls())
                            .setServer(SocketAddress.inetSocketAddress(
                                    new InetSocketAddress(pooled(address), sink.port())))
                            .setURI(sink.target())
                            .setConnectTimeout(subscription.settings().timeout().toMillis())
                            .setHeaders(headers));
            lastPinned = pinned;
        }
        return pinned.options;
    }

    /**
     * The address under a name that stands for a part of the connections to it. Vert.x looks at every connection of a
     * pool for each request; many subscriptions with one host would make that its largest cost.
     */
    private InetAddress pooled(InetAddress address) {
        try {
            int part = Math.floorMod(subscription.id().hashCode(), POOL_PARTS);
            // pools are told apart by the name alone, so the address is in it
            return InetAddress.getByAddress(address.getHostAddress() + "#" + part, address.getAddress());
        } catch (UnknownHostException impossible) {
            throw new IllegalArgumentException(impossible);
        }
    }

    private MultiMap headers(String userAgent) {
        MultiMap all = HttpHeaders.headers();
        subscription.settings().headers().forEach(all::set);
        Credential credential = subscription.credential();
        if (credential instanceof Credential.Plain plain) {
            all.set(HttpHeaders.AUTHORIZATION, "Basic " + Echo.basic(plain));
        } else if (credential instanceof Credential.AccessToken access) {
            all.set(HttpHeaders.AUTHORIZATION, "Bearer " + access.token());
        } else if (credential instanceof Credential.Header header) {
            all.set(header.name(), header.value());
        }
        return all.set(HttpHeaders.HOST, sink.hostHeader()).set(HttpHeaders.USER_AGENT, userAgent);
    }
}
