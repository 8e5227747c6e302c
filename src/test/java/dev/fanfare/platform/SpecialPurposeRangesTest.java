package dev.fanfare.platform;

import static org.assertj.core.api.Assertions.assertThat;

import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressString;
import java.math.BigInteger;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The IANA IPv4 and IPv6 Special-Purpose Address Registries row by row, with what they call globally reachable too: none
 * of it is where a webhook goes. Multicast has registries of its own.
 */
class SpecialPurposeRangesTest {

    private static final BigInteger MOST = BigInteger.ONE.shiftLeft(62);

    private record Closed() implements SinkGuardConfig {
        @Override
        public Optional<List<String>> allowedNetworks() {
            return Optional.empty();
        }

        @Override
        public boolean allowHttp() {
            return false;
        }
    }

    private final SinkGuard guard = new SinkGuard(new Closed());

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0/8, this network",
        "0.0.0.0/32, this host on this network",
        "10.0.0.0/8, private use",
        "100.64.0.0/10, shared address space",
        "127.0.0.0/8, loopback",
        "169.254.0.0/16, link local",
        "172.16.0.0/12, private use",
        "192.0.0.0/24, IETF protocol assignments",
        "192.0.0.0/29, IPv4 service continuity prefix",
        "192.0.0.8/32, IPv4 dummy address",
        "192.0.0.9/32, port control protocol anycast",
        "192.0.0.10/32, TURN anycast",
        "192.0.0.170/32, NAT64 DNS64 discovery",
        "192.0.0.171/32, NAT64 DNS64 discovery",
        "192.0.2.0/24, documentation",
        "192.31.196.0/24, AS112-v4",
        "192.52.193.0/24, AMT",
        "192.88.99.0/24, 6to4 relay anycast",
        "192.88.99.2/32, 6a44 relay anycast",
        "192.168.0.0/16, private use",
        "192.175.48.0/24, direct delegation AS112 service",
        "198.18.0.0/15, benchmarking",
        "198.51.100.0/24, documentation",
        "203.0.113.0/24, documentation",
        "240.0.0.0/4, reserved",
        "255.255.255.255/32, limited broadcast",
        "224.0.0.0/4, multicast",
        "::1/128, loopback",
        "::/128, unspecified",
        "64:ff9b:1::/48, IPv4-IPv6 translation",
        "100::/64, discard only",
        "100:0:0:1::/64, dummy prefix",
        "2001::/23, IETF protocol assignments",
        "2001::/32, Teredo",
        "2001:1::1/128, port control protocol anycast",
        "2001:1::2/128, TURN anycast",
        "2001:1::3/128, DNS-SD service registration anycast",
        "2001:2::/48, benchmarking",
        "2001:3::/32, AMT",
        "2001:4:112::/48, AS112-v6",
        "2001:10::/28, deprecated ORCHID",
        "2001:20::/28, ORCHIDv2",
        "2001:30::/28, drone remote identification",
        "2001:db8::/32, documentation",
        "2620:4f:8000::/48, direct delegation AS112 service",
        "3fff::/20, documentation",
        "5f00::/16, segment routing",
        "fc00::/7, unique local",
        "fe80::/10, link local",
        "ff00::/8, multicast"
    })
    void nothing_of_a_special_purpose_block_is_connected_to(String block, String name) {
        IPAddress network = new IPAddressString(block).getAddress().toPrefixBlock();
        for (IPAddress address : List.of(
                network.getLower().withoutPrefixLength(),
                middle(network),
                network.getUpper().withoutPrefixLength())) {
            assertThat(refusedAsLiteral(address)).as("%s %s", name, address).isTrue();
            assertThat(guard.refusal(address.toInetAddress()))
                    .as("%s %s", name, address)
                    .isPresent();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "::ffff:0:0/96, mapped, ::ffff:8.8.8.8, ::ffff:192.168.0.1",
        "64:ff9b::/96, translated, 64:ff9b::8.8.8.8, 64:ff9b::192.168.0.1",
        "2002::/16, 6to4, 2002:808:808::1, 2002:c0a8:1::1"
    })
    void in_a_block_that_carries_ipv4_the_inner_address_decides(String block, String name, String open, String closed) {
        IPAddress network = new IPAddressString(block).getAddress();
        IPAddress inner = new IPAddressString(open).getAddress();
        IPAddress refused = new IPAddressString(closed).getAddress();
        assertThat(network.contains(inner) && network.contains(refused))
                .as(name)
                .isTrue();
        assertThat(refusedAsLiteral(inner)).isFalse();
        assertThat(refusedAsLiteral(refused)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "1.0.0.0, 0.0.0.0/8",
        "9.255.255.255, 10.0.0.0/8",
        "11.0.0.0, 10.0.0.0/8",
        "100.63.255.255, 100.64.0.0/10",
        "100.128.0.0, 100.64.0.0/10",
        "126.255.255.255, 127.0.0.0/8",
        "128.0.0.0, 127.0.0.0/8",
        "169.253.255.255, 169.254.0.0/16",
        "169.255.0.0, 169.254.0.0/16",
        "172.15.255.255, 172.16.0.0/12",
        "172.32.0.0, 172.16.0.0/12",
        "191.255.255.255, 192.0.0.0/24",
        "192.0.1.0, 192.0.0.0/24",
        "192.0.3.0, 192.0.2.0/24",
        "192.31.195.255, 192.31.196.0/24",
        "192.31.197.0, 192.31.196.0/24",
        "192.52.194.0, 192.52.193.0/24",
        "192.88.100.0, 192.88.99.0/24",
        "192.167.255.255, 192.168.0.0/16",
        "192.169.0.0, 192.168.0.0/16",
        "192.175.49.0, 192.175.48.0/24",
        "198.17.255.255, 198.18.0.0/15",
        "198.20.0.0, 198.18.0.0/15",
        "198.51.101.0, 198.51.100.0/24",
        "203.0.114.0, 203.0.113.0/24",
        "223.255.255.255, 224.0.0.0/4",
        "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 2001::/23",
        "2001:200::, 2001::/23",
        "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff, 2001:db8::/32",
        "2001:db9::, 2001:db8::/32",
        "2620:4f:7fff:ffff:ffff:ffff:ffff:ffff, 2620:4f:8000::/48",
        "2620:4f:8001::, 2620:4f:8000::/48",
        "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 3fff::/20",
        "3fff:1000::, 3fff::/20"
    })
    void the_public_neighbour_of_a_block_is_let_through(String neighbour, String block) {
        IPAddress address = new IPAddressString(neighbour).getAddress();
        assertThat(new IPAddressString(block).getAddress().toPrefixBlock().contains(address))
                .isFalse();
        assertThat(refusedAsLiteral(address)).isFalse();
        assertThat(guard.refusal(address.toInetAddress())).isEmpty();
    }

    private boolean refusedAsLiteral(IPAddress address) {
        String host = address.isIPv6() ? "[" + address.toCanonicalString() + "]" : address.toCanonicalString();
        return guard.refusal(URI.create("https://" + host + "/")).isPresent();
    }

    private static IPAddress middle(IPAddress network) {
        long half = network.getCount().shiftRight(1).min(MOST).longValueExact();
        return network.getLower().withoutPrefixLength().increment(half);
    }
}
