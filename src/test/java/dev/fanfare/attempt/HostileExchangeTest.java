package dev.fanfare.attempt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.cloudevents.WireEvent.DataKind;
import dev.fanfare.delivery.Outcome;
import dev.fanfare.delivery.Reason;
import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.testing.FakeSink.Answer;
import io.netty.channel.socket.DuplexChannel;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetSocketInternal;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Receivers that answer too early, too often or to nobody: no answer is taken for that of another request. */
class HostileExchangeTest extends AttempterFixture {
    private static final String SECOND = "HTTP/1.1 500 Second\r\nContent-Length: 0\r\n\r\n";

    @ParameterizedTest
    @ValueSource(strings = {SECOND, "HTTP/1.1 500 Second\r\n\r\n", "garbage\r\n\r\n", "\r\n", "\0"})
    void what_follows_an_answer_is_not_the_answer_of_the_next_attempt(String more) {
        assertThat(afterAnAnswerAnd(more).status()).isEqualTo(202);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "HTTP/1.1 ", "HTTP/1.1 500 Half\r\nX: "})
    void a_crumb_before_the_next_answer_makes_it_unreadable_and_no_success(String crumb) {
        assertThat(afterAnAnswerAnd(crumb).failure()).isIn(Reason.NOTHTTP, Reason.HTTPSTATUS);
    }

    private Outcome afterAnAnswerAnd(String more) {
        sink.on("/hook", Answer.raw("HTTP/1.1 200 First\r\nContent-Length: 0\r\n\r\n" + more), Answer.status(202));
        LiveSubscription subscription = subscription(sink.url("/hook"));
        Context context = vertx.getOrCreateContext();

        assertThat(onEventLoop(context, attempter, request(subscription)).join().status())
                .isEqualTo(200);
        Outcome second = onEventLoop(context, attempter, request(subscription)).join();
        assertThat(sink.requests()).hasSize(2);
        return second;
    }

    @Test
    void a_second_answer_that_comes_later_closes_the_connection() {
        sink.on("/hook", Answer.status(200).then((request, socket) -> sink.vertx()
                .setTimer(50, later -> socket.write(SECOND))));
        assertThat(send(sink.url("/hook")).status()).isEqualTo(200);
        await().until(() -> sink.openConnections() == 0);
        assertThat(send(sink.url("/hook")).status()).isEqualTo(200);
    }

    @Test
    void an_answer_before_the_request_is_nobodys_or_the_first_requests() {
        AtomicInteger requests = new AtomicInteger();
        int port = listen(socket -> {
            socket.write("HTTP/1.1 200 Early\r\nContent-Length: 0\r\n\r\n");
            socket.handler(bytes -> {
                requests.incrementAndGet();
                socket.write("HTTP/1.1 202 Asked\r\nContent-Length: 0\r\n\r\n");
            });
        });
        for (int n = 0; n < 20; n++) {
            Outcome outcome = send("http://127.0.0.1:" + port + "/hook");
            assertThat(outcome.failure()).isIn(null, Reason.NOTHTTP, Reason.CONNECTIONRESET);
            assertThat(outcome.status()).isIn(0, 200, 202);
        }
        assertThat(requests.get()).isLessThanOrEqualTo(40);
    }

    @Test
    void an_answer_before_the_body_was_read_is_the_answer() {
        int port = listen(socket -> socket.handler(first -> {
            socket.pause();
            socket.write("HTTP/1.1 413 Enough\r\nContent-Length: 0\r\n\r\n");
        }));
        Outcome outcome = sendLarge(port);
        assertThat(outcome.status()).isEqualTo(413);
        assertThat(outcome.failure()).isEqualTo(Reason.HTTPSTATUS);
    }

    @Test
    void an_answer_before_the_body_was_read_and_then_a_closed_connection_is_the_answer_or_a_reset() {
        int port = listen(socket -> socket.handler(first -> {
            socket.pause();
            socket.write("HTTP/1.1 413 Enough\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
                    .onComplete(written -> socket.close());
        }));
        Outcome outcome = sendLarge(port);
        assertThat(outcome.failure()).isIn(Reason.HTTPSTATUS, Reason.CONNECTIONRESET);
        assertThat(outcome.status()).isEqualTo(outcome.failure() == Reason.HTTPSTATUS ? 413 : 0);
    }

    @Test
    void a_receiver_that_never_reads_times_out() {
        int port = listen(NetSocket::pause);
        assertThat(sendLarge(port, Duration.ofMillis(500)).failure()).isEqualTo(Reason.TIMEOUT);
    }

    @Test
    void a_receiver_that_closes_its_half_without_an_answer_is_a_reset() {
        sink.on("/hook", HostileExchangeTest::closeOutput);
        assertThat(send(sink.url("/hook")).failure()).isEqualTo(Reason.CONNECTIONRESET);
        await().until(() -> sink.openConnections() == 0);
    }

    @Test
    void a_receiver_that_closes_its_half_after_its_answer_has_answered() {
        sink.on("/hook", Answer.status(200).then(HostileExchangeTest::closeOutput));
        assertThat(send(sink.url("/hook")).failure()).isNull();
        await().until(() -> sink.openConnections() == 0);
    }

    @Test
    void a_kept_connection_whose_receiver_is_gone_without_a_word_times_out_and_is_used_no_more() {
        sink.on("/hook", Answer.status(200), Answer.hang(), Answer.status(202));
        LiveSubscription subscription = subscription(sink.url("/hook"), settings(Duration.ofMillis(400)), null);
        Context context = vertx.getOrCreateContext();

        assertThat(onEventLoop(context, attempter, request(subscription)).join().status())
                .isEqualTo(200);
        assertThat(onEventLoop(context, attempter, request(subscription)).join().failure())
                .isEqualTo(Reason.TIMEOUT);
        assertThat(sink.connections()).isEqualTo(1);
        assertThat(onEventLoop(context, attempter, request(subscription)).join().status())
                .isEqualTo(202);
        assertThat(sink.connections()).isEqualTo(2);
    }

    private static void closeOutput(Object request, NetSocket socket) {
        DuplexChannel channel = (DuplexChannel)
                ((NetSocketInternal) socket).channelHandlerContext().channel();
        // what was written before is flushed first
        Vertx.currentContext().runOnContext(flushed -> channel.shutdownOutput());
    }

    private int listen(Handler<NetSocket> handler) {
        NetServer server = sink.vertx().createNetServer().connectHandler(socket -> {
            socket.exceptionHandler(gone -> {});
            handler.handle(socket);
        });
        return server.listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .actualPort();
    }

    private Outcome sendLarge(int port) {
        return sendLarge(port, LONG);
    }

    /** More than the kernel's buffers take. */
    private Outcome sendLarge(int port, Duration timeout) {
        byte[] data = new byte[16 << 20];
        WireEvent large = WireEvent.stored("1", "/s", "t", null, null, null, null, null, DataKind.BINARY, data);
        LiveSubscription subscription = subscription("http://127.0.0.1:" + port + "/hook", settings(timeout), null);
        return send(attempter, new AttemptRequest(DELIVERY, WEBHOOK_ID, 1, null, large, subscription));
    }
}
