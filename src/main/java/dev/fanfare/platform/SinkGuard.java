package dev.fanfare.platform;

import inet.ipaddr.AddressStringException;
import inet.ipaddr.AddressStringParameters.RangeParameters;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressString;
import inet.ipaddr.IPAddressStringParameters;
import inet.ipaddr.ipv4.IPv4Address;
import inet.ipaddr.ipv6.IPv6Address;
import io.quarkus.runtime.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Keeps webhooks out of networks that are not public (server-side request forgery). Asked twice: with the URI when a
 * subscription is made, and with each resolved address before a connection is opened, since a name may change.
 *
 * <p>Refused is what the IANA special-purpose address registries (RFC 6890) list, what is not global unicast, and what
 * carries such an IPv4 address inside an IPv6 one. <code>fanfare.attempt.allowed-networks</code> opens networks.
 */
@Startup
@Singleton
public final class SinkGuard {

    private record Special(IPAddress block, String name) {}

    // The library's own default reads "" as loopback and "*" as everything.
    private static final IPAddressStringParameters CIDR = new IPAddressStringParameters.Builder()
            .allowEmpty(false)
            .allowAll(false)
            .allowSingleSegment(false)
            .allowWildcardedSeparator(false)
            .setRangeOptions(RangeParameters.NO_RANGE)
            .allowMask(false)
            .getIPv4AddressParametersBuilder()
            .allow_inet_aton(false)
            .getParentBuilder()
            .getIPv6AddressParametersBuilder()
            .allowZone(false)
            .getParentBuilder()
            .toParams();

    private static final List<Special> IPV4 = List.of(
            special("0.0.0.0/8", "this network"),
            special("10.0.0.0/8", "private"),
            special("100.64.0.0/10", "shared address space"),
            special("127.0.0.0/8", "loopback"),
            // A virtual host of one cloud, inside public space, that answers with the machine's secrets.
            special("168.63.129.16/32", "cloud metadata"),
            special("169.254.0.0/16", "link-local"),
            special("172.16.0.0/12", "private"),
            special("192.0.0.0/24", "protocol assignments"),
            special("192.0.2.0/24", "documentation"),
            special("192.31.196.0/24", "AS112"),
            special("192.52.193.0/24", "automatic multicast tunneling"),
            special("192.88.99.0/24", "6to4 relay"),
            special("192.168.0.0/16", "private"),
            special("192.175.48.0/24", "AS112"),
            special("198.18.0.0/15", "benchmarking"),
            special("198.51.100.0/24", "documentation"),
            special("203.0.113.0/24", "documentation"),
            special("224.0.0.0/4", "multicast"),
            special("255.255.255.255/32", "broadcast"),
            special("240.0.0.0/4", "reserved"));

    private static final List<Special> IPV6 = List.of(
            special("::/128", "unspecified"),
            special("::1/128", "loopback"),
            special("64:ff9b:1::/48", "local-use translation"),
            special("100::/64", "discard-only"),
            special("2001::/23", "protocol assignments"),
            special("2001:db8::/32", "documentation"),
            special("2620:4f:8000::/48", "AS112"),
            special("3fff::/20", "documentation"),
            special("5f00::/16", "segment routing"),
            special("fc00::/7", "unique local"),
            special("fe80::/10", "link-local"),
            special("fec0::/10", "site-local"),
            special("ff00::/8", "multicast"));

    private static final IPAddress GLOBAL_UNICAST = block("2000::/3");
    private static final IPAddress COMPATIBLE = block("::/96");
    private static final IPAddress MAPPED = block("::ffff:0:0/96");
    private static final IPAddress TRANSLATED = block("::ffff:0:0:0/96");
    private static final IPAddress NAT64 = block("64:ff9b::/96");
    private static final IPAddress SIX_TO_FOUR = block("2002::/16");

    private final List<IPAddress> allowed;
    private final boolean allowHttp;

    /**
     * Reads the configured networks.
     *
     * @throws IllegalArgumentException when one is not in CIDR notation
     */
    @Inject
    public SinkGuard(SinkGuardConfig config) {
        this.allowed = config.allowedNetworks().orElse(List.of()).stream()
                .map(SinkGuard::configured)
                .toList();
        this.allowHttp = config.allowHttp();
    }

    /**
     * What is wrong with a sink as it is written, for the client; empty when it may be tried. Looks nothing up: what a
     * name resolves to is judged at each attempt.
     */
    public Optional<String> refusal(URI sink) {
        try {
            return refusal(SinkAddress.parse(sink));
        } catch (IllegalArgumentException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** As {@link #refusal(URI)}, for a sink taken apart before. */
    public Optional<String> refusal(SinkAddress sink) {
        if (!sink.tls() && !allowHttp) {
            return Optional.of("the scheme must be https");
        }
        IPAddress literal = sink.literal();
        if (literal != null) {
            return refusal(literal);
        }
        boolean local = sink.host().equals("localhost") || sink.host().endsWith(".localhost");
        if (local && !isAllowed(block("127.0.0.1")) && !isAllowed(block("::1"))) {
            return Optional.of(sink.host() + " is not a public address (loopback)");
        }
        return Optional.empty();
    }

    /** Why no connection may be opened to an address; empty when it may. */
    public Optional<String> refusal(InetAddress resolved) {
        byte[] bytes = resolved.getAddress();
        return refusal(bytes.length == 4 ? new IPv4Address(bytes) : new IPv6Address(bytes));
    }

    private Optional<String> refusal(IPAddress address) {
        if (isAllowed(address)) {
            return Optional.empty();
        }
        List<IPv4Address> inner = address.isIPv6() ? embedded(address.toIPv6()) : List.of();
        return specialName(address, !inner.isEmpty())
                .or(() -> inner.stream()
                        .filter(v4 -> !isAllowed(v4))
                        .flatMap(v4 -> specialName(v4, false).stream())
                        .findFirst())
                .map(name -> address.toCanonicalString() + " is not a public address (" + name + ")");
    }

    private boolean isAllowed(IPAddress address) {
        for (IPAddress network : allowed) {
            if (network.contains(address)) {
                return true;
            }
        }
        return false;
    }

    private static Optional<String> specialName(IPAddress address, boolean carriesIpv4) {
        for (Special special : address.isIPv4() ? IPV4 : IPV6) {
            if (special.block.contains(address)) {
                return Optional.of(special.name);
            }
        }
        boolean global = address.isIPv4() || carriesIpv4 || GLOBAL_UNICAST.contains(address);
        return global ? Optional.empty() : Optional.of("reserved");
    }

    /**
     * The IPv4 addresses that a gateway or tunnel may unwrap from an IPv6 address. Teredo and local-use translation are
     * missing: their prefixes are refused whole.
     */
    private static List<IPv4Address> embedded(IPv6Address address) {
        List<IPv4Address> inner = new ArrayList<>(2);
        byte[] b = address.getBytes();
        if (COMPATIBLE.contains(address)
                || MAPPED.contains(address)
                || TRANSLATED.contains(address)
                || NAT64.contains(address)) {
            inner.add(ipv4(b, 12));
        } else if (SIX_TO_FOUR.contains(address)) {
            inner.add(ipv4(b, 2));
        }
        // ISATAP, RFC 5214 §6.1: under any prefix, with or without the universal bit.
        if ((b[8] == 0 || b[8] == 2) && b[9] == 0 && b[10] == 0x5e && b[11] == (byte) 0xfe) {
            inner.add(ipv4(b, 12));
        }
        return inner;
    }

    private static IPv4Address ipv4(byte[] bytes, int from) {
        return new IPv4Address(Arrays.copyOfRange(bytes, from, from + 4));
    }

    private static Special special(String cidr, String name) {
        return new Special(block(cidr), name);
    }

    private static IPAddress configured(String cidr) {
        try {
            return block(cidr.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "fanfare.attempt.allowed-networks: \"" + cidr + "\" is not a network such as 10.20.0.0/16", e);
        }
    }

    private static IPAddress block(String cidr) {
        try {
            IPAddress network = new IPAddressString(cidr, CIDR).toAddress();
            if (network == null) { // a prefix length alone
                throw new IllegalArgumentException(cidr + " is not an IP network");
            }
            return network.isPrefixed() ? network.toPrefixBlock() : network;
        } catch (AddressStringException e) {
            throw new IllegalArgumentException(cidr + " is not an IP network", e);
        }
    }
}
