package dev.fanfare.attempt;

import dev.fanfare.platform.SinkGuard;
import inet.ipaddr.HostName;
import inet.ipaddr.HostNameException;
import inet.ipaddr.IPAddress;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.resolver.dns.DefaultDnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Names to vetted addresses, on a thread of its own; the answers are kept for a while. */
final class Names implements AutoCloseable {

    private static final int MOST_ENTRIES = 10_000;
    private static final long FAILURE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int DNS_PORT = 53;

    /**
     * All addresses of a name.
     *
     * @param refused the first of them that the sink guard refuses: then none may be connected to, since a name that
     *     mixes public and private addresses is how an attacker gets around a check of one
     */
    record Resolved(List<InetAddress> addresses, @Nullable InetAddress refused) {}

    private record Entry(CompletableFuture<Resolved> answer, long askedNanos) {}

    private final SinkGuard guard;
    private final long timeoutMillis;
    private final long keepNanos;
    private final EventLoopGroup loop = new NioEventLoopGroup(1, new DefaultThreadFactory("fanfare-dns", true));
    private final DnsNameResolver resolver;
    private final ConcurrentHashMap<String, Entry> entries = new ConcurrentHashMap<>();

    Names(AttemptConfig config, SinkGuard guard) {
        this.guard = guard;
        this.timeoutMillis = config.dnsTimeout().toMillis();
        this.keepNanos = config.dnsCache().toNanos();
        // Netty's own caches are bounded in time only. Both address families are waited for, since all are vetted.
        this.resolver = new DnsNameResolverBuilder(loop.next())
                .datagramChannelType(NioDatagramChannel.class)
                .socketChannelType(NioSocketChannel.class)
                .nameServerProvider(servers(config.nameServers()))
                .queryTimeoutMillis(timeoutMillis)
                .completeOncePreferredResolved(false)
                .resolveCache(NoopDnsCache.INSTANCE)
                .cnameCache(NoopDnsCnameCache.INSTANCE)
                .authoritativeDnsServerCache(NoopAuthoritativeDnsServerCache.INSTANCE)
                .build();
    }

    /** Completes on any thread; exceptionally with {@link UnknownHostException} or a time limit's exception. */
    CompletableFuture<Resolved> resolve(String host) {
        long now = System.nanoTime();
        Entry known = entries.get(host);
        if (known != null && isFresh(known, now)) {
            return known.answer;
        }
        if (entries.size() >= MOST_ENTRIES) {
            entries.values().removeIf(entry -> !isFresh(entry, now));
            if (entries.size() >= MOST_ENTRIES) {
                entries.clear();
            }
        }
        Entry asked = new Entry(new CompletableFuture<>(), now);
        // Whoever loses the race waits for the winner's answer: one question per name.
        Entry winner = entries.merge(host, asked, (old, mine) -> isFresh(old, now) ? old : mine);
        if (winner.answer == asked.answer) {
            ask(host, asked.answer);
        }
        return winner.answer;
    }

    /** Asks the sink guard about every address. */
    static Resolved vet(List<InetAddress> addresses, SinkGuard guard) {
        InetAddress refused = addresses.stream()
                .filter(address -> guard.refusal(address).isPresent())
                .findFirst()
                .orElse(null);
        return new Resolved(List.copyOf(addresses), refused);
    }

    @Override
    public void close() {
        resolver.close();
        var closing = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        closing.addListener(ended -> entries.clear());
    }

    private boolean isFresh(Entry entry, long now) {
        long age = now - entry.askedNanos;
        return !entry.answer.isDone() || age < (entry.answer.isCompletedExceptionally() ? FAILURE_NANOS : keepNanos);
    }

    private void ask(String host, CompletableFuture<Resolved> answer) {
        // RFC 6761 §6.3: every name below localhost is the loopback; only "localhost" itself is in hosts files.
        String asked = host.endsWith(".localhost") ? "localhost" : host;
        answer.orTimeout(timeoutMillis, TimeUnit.MILLISECONDS);
        try {
            resolver.resolveAll(asked).addListener((Future<List<InetAddress>> all) -> {
                if (all.isSuccess() && all.getNow().isEmpty()) {
                    answer.completeExceptionally(new UnknownHostException(host));
                } else if (all.isSuccess()) {
                    answer.complete(vet(all.getNow(), guard));
                } else {
                    answer.completeExceptionally(all.cause());
                }
            });
        } catch (RuntimeException e) {
            answer.completeExceptionally(e);
        }
    }

    private static DnsServerAddressStreamProvider servers(Optional<List<String>> configured) {
        if (configured.isEmpty() || configured.get().isEmpty()) {
            return DefaultDnsServerAddressStreamProvider.INSTANCE;
        }
        return new SequentialDnsServerAddressStreamProvider(
                configured.get().stream().map(Names::server).toArray(InetSocketAddress[]::new));
    }

    private static InetSocketAddress server(String text) {
        HostName host = new HostName(text.strip());
        try {
            host.validate();
        } catch (HostNameException e) {
            throw notAServer(text, e);
        }
        IPAddress address = text.isBlank() ? null : host.getAddress(); // the library reads "" as loopback
        if (address == null || address.isMultiple()) {
            throw notAServer(text, null);
        }
        Integer port = host.getPort();
        return new InetSocketAddress(address.toInetAddress(), port == null ? DNS_PORT : port);
    }

    private static IllegalArgumentException notAServer(String text, @Nullable Exception cause) {
        return new IllegalArgumentException(
                "fanfare.attempt.name-servers: \"" + text + "\" is not an IP address with or without a port", cause);
    }
}
