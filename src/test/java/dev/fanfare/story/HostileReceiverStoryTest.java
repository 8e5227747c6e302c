package dev.fanfare.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.platform.TypeId;
import dev.fanfare.testing.FakeSink;
import dev.fanfare.testing.FakeSink.Answer;
import io.quarkus.test.junit.QuarkusTest;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Every kind of bad receiver at once, each with a lane of its own, beside good ones. */
@QuarkusTest
class HostileReceiverStoryTest extends Story {
    private static final int EVENTS = 20;
    private static final List<String> GOOD = List.of("/1", "/2", "/3");

    /** @param reason that each of its attempts ends with; null: delivered */
    private record Bad(Subscribed subscription, String path, String reason) {}

    private final List<Bad> bad = new ArrayList<>();

    @Test
    void good_receivers_get_every_event_while_every_kind_of_bad_one_misbehaves() {
        sink.on("/hangs", Answer.hang());
        Subscribed hanging = subscribe(sink.url("/hangs"), settings("PT20S"));
        try (FakeSink good = FakeSink.start();
                FakeSink flooding = FakeSink.start();
                FakeSink tls = FakeSink.startTls()) {
            subscribeAllBad(flooding);
            GOOD.forEach(path -> subscribe(good.url(path)));
            bad.add(new Bad(subscribe(tls.url("/untrusted"), settings("PT20S")), "/untrusted", "tlsfailure"));

            String events = IntStream.range(0, EVENTS)
                    .mapToObj(n -> event("e-" + n, "1"))
                    .collect(Collectors.joining(",", "[", "]"));
            post(BATCH, events).statusCode(202);

            patiently().until(() -> GOOD.stream()
                    .allMatch(path -> good.requests(path).size() == EVENTS));
            assertThat(attempts(hanging)).isEmpty();
            bad.forEach(this::everyAttemptEndsAsItShould);
        }
        assertThat(sink.requests("/elsewhere")).isEmpty();
    }

    private void subscribeAllBad(FakeSink flooding) {
        bad("/never", "timeout", Answer.hang());
        bad("/drips", "timeout", Answer.drip(sink.vertx(), "HTTP/1.1 200 OK\r\nX-Slow: a", 100));
        bad("/interim", "timeout", Answer.raw("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1_000)));
        bad("/huge-header", "nothttp", Answer.raw("HTTP/1.1 200 OK\r\nX: " + "x".repeat(100_000)));
        bad("/nul", "nothttp", Answer.raw("HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n"));
        bad("/garbage", "nothttp", Answer.raw("SSH-2.0-OpenSSH_9.2\r\n\r\n"));
        bad("/closes", "connectionreset", Answer.close());
        bad("/resets", "connectionreset", Answer.reset());
        bad("/redirects", "redirect", Answer.status(307, "Location", sink.url("/elsewhere")));
        bad(flooding, "/endless-head", "nothttp", Answer.endlessHeaders());
        bad(flooding, "/fails-for-ever", "httpstatus", Answer.endless("HTTP/1.1 500 X\r\n\r\n", "x"));
        bad(flooding, "/endless-body", null, Answer.endlessBody());
    }

    private void bad(String path, String reason, Answer answer) {
        bad(sink, path, reason, answer);
    }

    private void bad(FakeSink receiver, String path, String reason, Answer answer) {
        receiver.on(path, answer);
        String timeout = "timeout".equals(reason) ? "PT1S" : "PT20S";
        bad.add(new Bad(subscribe(receiver.url(path), settings(timeout)), path, reason));
    }

    private static String settings(String timeout) {
        return "'protocolsettings':{'timeout':'" + timeout + "','retry':{'schedule':['PT1H'],'jitter':0}}";
    }

    private void everyAttemptEndsAsItShould(Bad one) {
        patiently().until(() -> attempts(one.subscription).size() == EVENTS);
        assertThat(attempts(one.subscription)).as(one.path).containsOnly(one.reason);
    }

    /** The reason of each. */
    private List<Object> attempts(Subscribed subscription) {
        return rows("""
                        select a.reason from attempt a join delivery d on d.id = a.delivery_id where d.subscription_id = ?
                        """, TypeId.parse("sub", subscription.id())).stream()
                .map(attempt -> attempt.get("reason"))
                .toList();
    }
}
