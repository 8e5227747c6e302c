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
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SinkGuardTest {

    private record Config(Optional<List<String>> allowedNetworks, boolean allowHttp) implements SinkGuardConfig {}

    private final SinkGuard closed = guard(false);

    private static SinkGuard guard(boolean allowHttp, String... networks) {
        return new SinkGuard(
                new Config(networks.length == 0 ? Optional.empty() : Optional.of(List.of(networks)), allowHttp));
    }

    @ParameterizedTest
    @MethodSource("dev.fanfare.platform.HostileHosts#all")
    void an_address_that_is_not_public_is_refused_in_any_spelling_at_any_port(String host) {
        for (String port : List.of("", ":", ":443", ":0443", ":1", ":8443", ":65535")) {
            assertThat(closed.refusal(URI.create("https://" + host + port + "/hook")))
                    .as(port)
                    .isPresent();
        }
    }

    @Test
    void there_are_many_spellings() {
        assertThat(HostileHosts.all()).doesNotHaveDuplicates().hasSizeGreaterThanOrEqualTo(150);
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
                "\uff18.8.8.8",
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
                "https://example.com:\uff18\uff10/",
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
