package dev.fanfare.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.delivery.Outcome;
import dev.fanfare.delivery.Reason;
import dev.fanfare.platform.HostileHosts;
import dev.fanfare.platform.SinkGuard;
import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.testing.FakeSink.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Sinks that try to have a connection opened to where none may be: 127.0.0.2 stands for what is inside, and everything
 * that connects to it is noticed.
 */
class HostileNamesTest extends AttempterFixture {
    private static final String INSIDE = "127.0.0.2";

    private ServerSocket inside;

    @BeforeEach
    void listen() throws IOException {
        inside = new ServerSocket(0, 50, InetAddress.getByName(INSIDE));
        attempter = attempter("127.0.0.1");
    }

    @AfterEach
    void nobody_has_connected_to_what_is_inside() throws IOException {
        try (ServerSocket listener = inside;
                Socket own = new Socket(listener.getInetAddress(), listener.getLocalPort());
                Socket first = listener.accept()) {
            assertThat(first.getPort())
                    .as("the first that connected is this test itself")
                    .isEqualTo(own.getLocalPort());
        }
    }

    @Test
    void an_address_that_is_not_public_is_refused_in_any_spelling_without_a_question_or_a_connection() {
        Attempter closed = attempter("203.0.113.200/32");
        assertThat(HostileHosts.all()).allSatisfy(host -> assertThat(
                        send(closed, request(subscription(at(host)))).failure())
                .isEqualTo(Reason.SINKREFUSED));
        assertThat(dns.questions()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.2",
                "127.0.0.1 127.0.0.2",
                "127.0.0.2 127.0.0.1",
                "8.8.8.8 127.0.0.2",
                "8.8.8.8 1.1.1.1 9.9.9.9 10.0.0.1",
                "::1",
                "8.8.8.8 ::1",
                "127.0.0.1 fe80::1",
                "127.0.0.1 fd00::1",
                "127.0.0.1 ::ffff:127.0.0.2",
                "::ffff:127.0.0.2",
                "::127.0.0.2",
                "64:ff9b::127.0.0.2",
                "64:ff9b::10.0.0.1",
                "2002:7f00:2::1",
                "2001:0:4136:e378:8000:63bf:80ff:fffd",
                "2606:4700::5efe:127.0.0.2",
                "2606:4700::1111 64:ff9b::169.254.169.254",
                "0.0.0.0",
                "255.255.255.255",
                "224.0.0.1",
                "169.254.169.254",
                "100.100.100.200"
            })
    void one_address_that_is_not_public_is_enough_to_refuse_a_name(String addresses) {
        dns.name("mixed.example", addresses.split(" "));
        for (int number = 1; number <= 4; number++) {
            LiveSubscription subscription = subscription(at("mixed.example"));
            Outcome outcome =
                    send(attempter, new AttemptRequest(DELIVERY, WEBHOOK_ID, number, null, event(null), subscription));
            assertThat(outcome.failure()).isEqualTo(Reason.SINKREFUSED);
        }
    }

    @Test
    void a_chain_of_aliases_is_followed_and_what_it_ends_at_is_vetted() {
        dns.alias("one.example", "two.example")
                .alias("two.example", "three.example")
                .alias("three.example", "four.example")
                .name("four.example", INSIDE);
        assertThat(send(at("one.example")).failure()).isEqualTo(Reason.SINKREFUSED);

        dns.alias("first.example", "last.example").name("last.example", "127.0.0.1");
        assertThat(send("http://first.example:" + sink.port() + "/hook").failure())
                .isNull();
        assertThat(sink.awaitRequests(1).get(0).header("host")).isEqualTo("first.example:" + sink.port());
    }

    @ParameterizedTest
    @CsvSource({"loop.example, loop.example", "loop.example, back.example"})
    void aliases_without_an_end_are_a_dns_failure(String name, String target) {
        dns.alias(name, target).alias(target, name);
        assertThat(send(at("loop.example")).failure()).isEqualTo(Reason.DNSFAILURE);
    }

    @Test
    void an_alias_of_localhost_is_vetted_as_any_name() {
        dns.alias("alias.example", "localhost").name("localhost", INSIDE);
        assertThat(send(at("alias.example")).failure()).isEqualTo(Reason.SINKREFUSED);
    }

    @Test
    void a_name_that_changes_after_it_was_vetted_is_connected_to_where_it_was_vetted() {
        // one question, one answer, one connection: nothing resolves the name a second time
        dns.changing("rebind.example", List.of("127.0.0.1"), List.of(INSIDE));
        sink.on("/hook", Answer.status(500));

        Outcome outcome = send("http://rebind.example:" + sink.port() + "/hook");

        assertThat(outcome.status()).isEqualTo(500);
        assertThat(outcome.address()).isEqualTo("127.0.0.1");
        assertThat(dns.questions()).isEqualTo(1);
        assertThat(sink.requests()).hasSize(1);
    }

    @Test
    void a_name_that_changes_between_two_attempts_is_vetted_again() {
        dns.changing("rebind.example", List.of("127.0.0.1"), List.of(INSIDE));
        Attempter forgetful = forgetful();
        LiveSubscription subscription = subscription("http://rebind.example:" + sink.port() + "/hook");

        assertThat(send(forgetful, request(subscription)).failure()).isNull();
        // the connection of the first attempt is still open, and not used
        Outcome second = send(forgetful, request(subscription));

        assertThat(second.failure()).isEqualTo(Reason.SINKREFUSED);
        assertThat(second.address()).isEqualTo(INSIDE);
        assertThat(sink.requests()).hasSize(1);
    }

    @Test
    void a_name_that_flaps_is_never_connected_to_while_it_points_inside() {
        List<String> open = List.of("127.0.0.1");
        List<String> hidden = List.of("127.0.0.1", INSIDE);
        dns.changing("flap.example", open, hidden, open, hidden, open, hidden);
        Attempter forgetful = forgetful();
        LiveSubscription subscription = subscription("http://flap.example:" + sink.port() + "/hook");

        List<Reason> failures = new ArrayList<>();
        for (int n = 0; n < 6; n++) {
            failures.add(send(forgetful, request(subscription)).failure());
        }

        assertThat(failures)
                .containsExactly(null, Reason.SINKREFUSED, null, Reason.SINKREFUSED, null, Reason.SINKREFUSED);
    }

    /** Asks the name server for each attempt. */
    private Attempter forgetful() {
        SinkGuard guard = new SinkGuard(new GuardConfig(Optional.of(List.of("127.0.0.1")), true));
        Attempter made = new Attempter(
                vertx,
                Instant::now,
                guard,
                new Config(Optional.of(List.of(dns.server())), Duration.ofSeconds(1), Duration.ZERO),
                64,
                "1.2.3");
        opened.add(made);
        return made;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "301 | Location",
                "302 | Location",
                "303 | Location",
                "307 | Location",
                "308 | Location",
                "305 | Location",
                "201 | Location",
                "200 | Refresh",
                "503 | Refresh",
                "200 | Content-Location",
                "200 | Alt-Svc",
                "401 | Location",
                "426 | Upgrade"
            })
    void no_header_of_an_answer_leads_anywhere(int status, String header) {
        String target = at(INSIDE);
        String value =
                switch (header) {
                    case "Refresh" -> "0; url=" + target;
                    case "Alt-Svc" -> "http/1.1=\"" + INSIDE + ":" + inside.getLocalPort() + "\"; ma=1";
                    case "Upgrade" -> "h2c";
                    default -> target;
                };
        sink.on("/hook", Answer.status(status, header, value));
        LiveSubscription subscription = subscription(sink.url("/hook"));

        // neither at once nor for the next attempt
        assertThat(send(subscription).status()).isEqualTo(status);
        assertThat(send(subscription).status()).isEqualTo(status);
        assertThat(sink.requests()).hasSize(2);
    }

    private String at(String host) {
        return "http://" + host + ":" + inside.getLocalPort() + "/hook";
    }
}
