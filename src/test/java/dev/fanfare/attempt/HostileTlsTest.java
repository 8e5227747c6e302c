package dev.fanfare.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.delivery.Outcome;
import dev.fanfare.delivery.Reason;
import dev.fanfare.testing.FakeSink;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PfxOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Receivers whose certificate or TLS is not to be trusted: none of them gets a byte of an event. */
class HostileTlsTest extends AttempterFixture {
    private static final String FOLDER = "dev/fanfare/testing/tls/";
    private static final String TRUST_STORE = "javax.net.ssl.trustStore";
    private static final String TRUST_STORE_PASSWORD = "javax.net.ssl.trustStorePassword";

    @BeforeEach
    void trust_the_authority_of_the_tests() throws Exception {
        Path store = Path.of(getClass().getResource("/" + FOLDER + "ca.p12").toURI());
        System.setProperty(TRUST_STORE, store.toString());
        System.setProperty(TRUST_STORE_PASSWORD, FakeSink.CERTIFICATE_PASSWORD);
        dns.name("hooks.example", "127.0.0.1");
    }

    @AfterEach
    void trust_nobody_more() {
        System.clearProperty(TRUST_STORE);
        System.clearProperty(TRUST_STORE_PASSWORD);
    }

    @ParameterizedTest
    @CsvSource({
        "tls/good.p12, hooks.example,",
        "tls/good.p12, 127.0.0.1, TLSFAILURE",
        "tls/expired.p12, hooks.example, TLSFAILURE",
        "tls/other.p12, hooks.example, TLSFAILURE",
        "fake-sink.p12, hooks.example, TLSFAILURE"
    })
    void a_certificate_must_be_valid_now_for_the_sinks_name_and_of_a_trusted_authority(
            String certificate, String host, Reason reason) {
        PfxOptions store = new PfxOptions()
                .setPath("dev/fanfare/testing/" + certificate)
                .setPassword(FakeSink.CERTIFICATE_PASSWORD);
        try (FakeSink tls = FakeSink.startTls(store)) {
            Outcome outcome = send("https://" + host + ":" + tls.port() + "/hook");
            assertThat(outcome.failure()).isEqualTo(reason);
            assertThat(tls.requests()).hasSize(reason == null ? 1 : 0);
        }
    }

    /** SSL 3, TLS 1.0 and TLS 1.1, by their ServerHello (RFC 4346 §7.4.1.3). */
    @ParameterizedTest
    @ValueSource(strings = {"0300", "0301", "0302"})
    void a_receiver_that_speaks_only_an_old_version_is_a_tls_failure(String version) {
        String hello = version + "00".repeat(32) + "00" + "002f" + "00";
        String handshake = "02" + "000026" + hello;
        Buffer answer = Buffer.buffer(HexFormat.of().parseHex("16" + version + "002a" + handshake));
        assertThat(answer.length()).isEqualTo(5 + 42);
        assertThat(sendTls(socket -> socket.handler(clientHello -> socket.write(answer))))
                .isEqualTo(Reason.TLSFAILURE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "485454502f312e3120343030204261640d0a0d0a", // HTTP in the clear
                "15030300020228", // a fatal alert
                "16030300040e000000", // the end of a handshake that never began
                "170303000100", // data before a handshake
                "ffffffffffffffff"
            })
    void what_is_no_handshake_is_a_tls_failure(String hex) {
        Buffer answer = Buffer.buffer(HexFormat.of().parseHex(hex));
        assertThat(sendTls(socket -> socket.handler(clientHello -> socket.write(answer))))
                .isEqualTo(Reason.TLSFAILURE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1603", "1603034fff02"})
    void a_handshake_that_never_goes_on_times_out(String hex) {
        Buffer answer = Buffer.buffer(HexFormat.of().parseHex(hex));
        assertThat(sendTls(socket -> socket.handler(clientHello -> socket.write(answer))))
                .isEqualTo(Reason.TIMEOUT);
    }

    @Test
    void a_connection_that_is_closed_in_the_handshake_is_a_failure_to_connect() {
        assertThat(sendTls(socket -> socket.handler(clientHello -> socket.close())))
                .isIn(Reason.TLSFAILURE, Reason.CONNECTFAILED);
    }

    private Reason sendTls(Handler<NetSocket> receiver) {
        int port = sink.vertx()
                .createNetServer()
                .connectHandler(receiver)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .actualPort();
        Duration timeout = Duration.ofMillis(500);
        return send(subscription("https://hooks.example:" + port + "/hook", settings(timeout), null))
                .failure();
    }
}
