package dev.fanfare.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SinkGuardTest {

    private record Config(Optional<List<String>> allowedNetworks, boolean allowHttp) implements SinkGuardConfig {}

    private final SinkGuard closed = guard(false);

    private static SinkGuard guard(boolean allowHttp, String... networks) {
        return new SinkGuard(
                new Config(networks.length == 0 ? Optional.empty() : Optional.of(List.of(networks)), allowHttp));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // loopback, every spelling of inet_aton
                "127.0.0.1",
                "127.1",
                "127.0.1",
                "127.255.255.254",
                "2130706433",
                "0x7f000001",
                "0X7F000001",
                "0x7f.1",
                "0x7f.0.0.1",
                "0x7f.0x0.0x0.0x1",
                "0x7F.0.1",
                "017700000001",
                "0177.1",
                "0177.0.0.1",
                "0177.0.0.01",
                "00177.0.0.1",
                "0000000000000177.0.0.1",
                "127.0x0.1",
                "127.0.0.1.",
                "127.000.000.001",
                "127.0.00.1",
                "0x0000000000007f.1",
                "127.65535",
                "127.16777215",
                "0177.0x1",
                // digits and dots of other scripts
                "127.0.0.1",
                "127。0。0。1",
                "127.0.0.1",
                "①②⑦.⓪.⓪.①",
                "127.0.0.1",
                "127。1",
                "2130706433",
                "0x7f.1",
                "127\u200b.0.0.1",
                "127.\u00ad0.0.1",
                "𝟏𝟐𝟕.𝟎.𝟎.𝟏",
                // names of loopback
                "localhost",
                "LOCALHOST",
                "LocalHost.",
                "foo.localhost",
                "a.b.localhost.",
                "localhost",
                "ⓛocalhost",
                "lo\u00adcalhost",
                // private and special IPv4
                "0.0.0.0",
                "0",
                "0x0",
                "00",
                "0.1.2.3",
                "10.0.0.1",
                "10.1",
                "167772161",
                "012.0.0.1",
                "0xa.1",
                "100.64.0.1",
                "100.127.255.255",
                "100.100.100.200",
                "169.254.169.254",
                "2852039166",
                "0xa9fea9fe",
                "0251.0376.0251.0376",
                "169.254.43518",
                "172.16.0.1",
                "172.31.255.255",
                "0xac.0x10.1",
                "192.0.0.1",
                "192.0.0.192",
                "192.0.2.1",
                "192.31.196.1",
                "192.52.193.1",
                "192.88.99.1",
                "192.168.0.1",
                "192.168.257",
                "3232235521",
                "192.175.48.1",
                "198.18.0.1",
                "198.19.255.255",
                "198.51.100.7",
                "203.0.113.9",
                "224.0.0.1",
                "239.255.255.250",
                "240.0.0.1",
                "255.255.255.255",
                "4294967295",
                "0xffffffff",
                "168.63.129.16",
                // IPv6
                "[::]",
                "[::1]",
                "[0:0:0:0:0:0:0:1]",
                "[0000:0000:0000:0000:0000:0000:0000:0001]",
                "[::0.0.0.1]",
                "[fe80::1]",
                "[fe80::1%25eth0]",
                "[fe80::1%eth0]",
                "[::1%25lo]",
                "[2606:4700::1%25eth0]",
                "[febf::1]",
                "[fec0::1]",
                "[fc00::1]",
                "[fd00:ec2::254]",
                "[FD12:3456::1]",
                "[ff02::1]",
                "[ff0e::1]",
                "[100::1]",
                "[2001::1]",
                "[2001:10::1]",
                "[2001:20::1]",
                "[2001:1ff::1]",
                "[2001:db8::1]",
                "[3fff::1]",
                "[3fff:fff::1]",
                "[5f00::1]",
                "[4000::1]",
                "[64:ff9b:1::808:808]",
                "[1::1]",
                "[2620:4f:8000::1]",
                // IPv4 inside IPv6
                "[::ffff:127.0.0.1]",
                "[::ffff:7f00:1]",
                "[::FFFF:10.0.0.1]",
                "[0:0:0:0:0:ffff:a9fe:a9fe]",
                "[::127.0.0.1]",
                "[::7f00:1]",
                "[::10.1.2.3]",
                "[::ffff:0:127.0.0.1]",
                "[::ffff:0:a00:1]",
                "[64:ff9b::127.0.0.1]",
                "[64:ff9b::a9fe:a9fe]",
                "[2002:7f00:1::]",
                "[2002:a00:1::1]",
                "[2002:c0a8:101:1::1]",
                "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
                "[2001::80ff:fffe]",
                "[2001:0:808:808::f7f7:f7f7]",
                "[2606:4700::5efe:127.0.0.1]",
                "[2606:4700::200:5efe:10.0.0.1]",
                "[2606:4700::5efe:a9fe:a9fe]",
                "[fe80::5efe:8.8.8.8]"
            })
    void an_address_that_is_not_public_is_refused_in_any_spelling(String host) {
        assertThat(closed.refusal(URI.create("https://" + host + "/hook"))).isPresent();
        assertThat(closed.refusal(URI.create("https://" + host + ":8443/hook"))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "example.com",
                "EXAMPLE.com.",
                "hooks.example.com",
                "my_host.example",
                "xn--bcher-kva.example",
                "bücher.example",
                "a-b.example",
                "8.8.8.8",
                "134744072",
                "0x08080808",
                "010.8.8.8",
                "8.526344",
                "1.1.1.1",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "126.255.255.255",
                "128.0.0.1",
                "169.253.255.255",
                "169.255.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "192.167.255.255",
                "192.169.0.0",
                "198.17.255.255",
                "198.20.0.0",
                "223.255.255.255",
                "168.63.129.17",
                "[2606:4700::1111]",
                "[2a00:1450:4001::200e]",
                "[::ffff:8.8.8.8]",
                "[64:ff9b::8.8.8.8]",
                "[2002:808:808::1]",
                "deadbeef",
                "cafe.example",
                "127.example",
                "1e3.example",
                "localhost.example",
                "notlocalhost"
            })
    void a_name_or_a_public_address_is_let_through(String host) {
        assertThat(closed.refusal(URI.create("https://" + host + "/hook"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://example.com/",
                "HTTP://example.com/",
                "ftp://example.com/",
                "//example.com/x",
                "https:foo",
                "https:///x",
                "/x",
                "mailto:a@example.com",
                "https://user@example.com/",
                "https://u:p@example.com/",
                "https://@example.com/",
                "https://example.com@127.0.0.1/",
                "https://a@b@c/",
                "https://example.com:0/",
                "https://example.com:65536/",
                "https://example.com:99999999999/",
                "https://example.com:-1/",
                "https://example.com:８０/",
                "https://127%2e0.0.1/",
                "https://exa%00mple.com/",
                "https://a..b/",
                "https://./",
                "https://example.com../",
                "https://1.2.3.4.5/",
                "https://256.1.1.1/",
                "https://08.1.1.1/",
                "https://4294967296/",
                "https://0x/",
                "https://1.0x/",
                "https://a.1/",
                "https://-a.example/",
                "https://a!b/",
                "https://a;b/",
                "https://a'b/",
                "https://a(b)/",
                "file:///etc/passwd"
            })
    void what_is_no_https_sink_is_refused(String sink) {
        assertThat(closed.refusal(URI.create(sink))).isPresent();
    }

    @Test
    void a_host_of_hostile_length_is_refused() {
        assertThat(closed.refusal(URI.create("https://" + "a".repeat(64) + ".example/")))
                .isPresent();
        assertThat(closed.refusal(URI.create("https://" + "a.".repeat(130) + "example/")))
                .isPresent();
        assertThat(closed.refusal(URI.create("https://" + "1".repeat(10_000) + "/")))
                .isPresent();
        assertThat(closed.refusal(URI.create("https://" + "a".repeat(60_000) + "/")))
                .isPresent();
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, private",
        "127.0.0.1, loopback",
        "169.254.169.254, link-local",
        "::1, loopback",
        "fd00::1, unique local",
        "::ffff:10.0.0.1, private",
        "64:ff9b::10.0.0.1, private",
        "2002:a00:1::, private",
        "fec0::1, site-local",
        "::, unspecified",
        "224.0.0.1, multicast",
        "0.0.0.0, this network",
        "4000::1, reserved"
    })
    void a_resolved_address_that_is_not_public_is_refused_by_the_name_of_its_range(String address, String name)
            throws Exception {
        assertThat(closed.refusal(InetAddress.getByName(address)))
                .hasValueSatisfying(reason -> assertThat(reason).endsWith("is not a public address (" + name + ")"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"})
    void a_resolved_public_address_is_let_through(String address) throws Exception {
        assertThat(closed.refusal(InetAddress.getByName(address))).isEmpty();
    }

    @Test
    void http_is_allowed_only_by_configuration() {
        assertThat(guard(true).refusal(URI.create("http://example.com/"))).isEmpty();
        assertThat(guard(true).refusal(URI.create("http://10.0.0.1/"))).isPresent();
    }

    @ParameterizedTest
    @CsvSource({
        "10.20.0.0/16, 10.20.3.4, 10.21.0.1",
        "10.20.3.4, 10.20.3.4, 10.20.3.5",
        "10.20.9.9/16, 10.20.3.4, 10.21.0.1",
        "127.0.0.0/8, 2130706433, 10.0.0.1",
        "127.0.0.0/8, localhost, 10.0.0.1",
        "::1/128, foo.localhost, 127.0.0.1",
        "fd00:1234::/32, [fd00:1234::1], [fd00:1235::1]",
        "10.0.0.0/8, [::ffff:10.0.0.1], [::ffff:127.0.0.1]",
        "10.0.0.0/8, [64:ff9b::10.0.0.1], [64:ff9b::127.0.0.1]",
        "10.0.0.0/8, [2002:a00:1::1], [fe80::5efe:10.0.0.1]",
        "0.0.0.0/0, 127.0.0.1, [::1]"
    })
    void an_allowed_network_opens_itself_and_nothing_else(String network, String open, String refused) {
        SinkGuard guard = guard(false, "192.0.2.0/24", network);
        assertThat(guard.refusal(URI.create("https://" + open + "/"))).isEmpty();
        assertThat(guard.refusal(URI.create("https://" + refused + "/"))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"*", "10.0.0.0/33", "ten", "10.*.0.0", "10.0.0.0/8/9", "::/129", "10.0.0.0/255.0.0.0", "/8", ""})
    void a_network_that_is_no_cidr_ends_the_start_with_its_key(String network) {
        assertThatThrownBy(() -> guard(false, network))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("fanfare.attempt.allowed-networks");
    }

    @ParameterizedTest
    @CsvSource({
        "https://example.com, example.com, 443, /, example.com",
        "https://Example.COM:443/a?b=c#d, example.com, 443, /a?b=c, example.com",
        "http://example.com:8080//a/%2e%2e, example.com, 8080, //a/%2e%2e, example.com:8080",
        "https://[2606:4700::1111]:8443/x, 2606:4700::1111, 8443, /x, [2606:4700::1111]:8443",
        "https://example.com:/ü?ü, example.com, 443, /%C3%BC?%C3%BC, example.com",
        "https://bücher.example/, xn--bcher-kva.example, 443, /, xn--bcher-kva.example"
    })
    void a_sink_is_taken_apart_as_it_will_be_requested(
            String sink, String host, int port, String target, String hostHeader) {
        SinkAddress address = SinkAddress.parse(URI.create(sink));
        assertThat(address.host()).isEqualTo(host);
        assertThat(address.port()).isEqualTo(port);
        assertThat(address.target()).isEqualTo(target);
        assertThat(address.hostHeader()).isEqualTo(hostHeader);
    }

    @Test
    void it_is_configured_by_environment_variables_and_closed_without() {
        SmallRyeConfig none =
                new SmallRyeConfigBuilder().withMapping(SinkGuardConfig.class).build();
        assertThat(none.getConfigMapping(SinkGuardConfig.class).allowedNetworks())
                .isEmpty();
        assertThat(none.getConfigMapping(SinkGuardConfig.class).allowHttp()).isFalse();

        SmallRyeConfig some = new SmallRyeConfigBuilder()
                .withSources(new io.smallrye.config.EnvConfigSource(
                        Map.of(
                                "FANFARE_ATTEMPT_ALLOWED_NETWORKS", "127.0.0.0/8,::1/128",
                                "FANFARE_ATTEMPT_ALLOW_HTTP", "true"),
                        300))
                .withMapping(SinkGuardConfig.class)
                .build();
        assertThat(some.getConfigMapping(SinkGuardConfig.class).allowedNetworks())
                .contains(List.of("127.0.0.0/8", "::1/128"));
        assertThat(some.getConfigMapping(SinkGuardConfig.class).allowHttp()).isTrue();
    }
}
