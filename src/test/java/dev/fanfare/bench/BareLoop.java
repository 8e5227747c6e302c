package dev.fanfare.bench;

import dev.fanfare.signing.Signatures;
import dev.fanfare.signing.WebhookSecret;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.tracing.TracingPolicy;
import java.io.IOException;
import java.util.List;

/** Signs and posts ready bytes with the HTTP client of {@code attempt.Attempter}, until standard input ends. */
final class BareLoop {
    private static final int INFLIGHT = 256;
    private static final int POOL = 8_192;
    private static final int LOOPS = 2 * Runtime.getRuntime().availableProcessors();

    private final List<WebhookSecret> secrets = List.of(WebhookSecret.generate());
    private final byte[] body =
            """
            {"specversion":"1.0","id":"bench-0000-000000000","source":"/bench","type":"bench.bare",\
            "time":"2026-01-06T10:00:00.000Z","datacontenttype":"application/json","data":"%s"}""".formatted("x".repeat(Producer.DATA_BYTES - 2)).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    private final HttpClient client;
    private final RequestOptions hook;

    private BareLoop(Vertx vertx, int port) {
        client = vertx.httpClientBuilder()
                .with(new HttpClientOptions()
                        .setMaxHeaderSize(8 * 1024)
                        .setTracingPolicy(TracingPolicy.IGNORE)
                        .setKeepAlive(true)
                        .setKeepAliveTimeout(30))
                .with(new PoolOptions().setHttp1MaxSize(POOL).setMaxWaitQueueSize(POOL))
                .build();
        hook = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost("127.0.0.1")
                .setPort(port)
                .setServer(SocketAddress.inetSocketAddress(port, "127.0.0.1"))
                .setURI("/hook/0")
                .setHeaders(HttpHeaders.headers()
                        .set(HttpHeaders.HOST, "127.0.0.1:" + port)
                        .set(HttpHeaders.USER_AGENT, "Fanfare/bare"));
    }

    public static void main(String[] arguments) throws IOException {
        Vertx vertx = Vertx.vertx();
        BareLoop loop = new BareLoop(vertx, Integer.parseInt(arguments[0]));
        for (int i = 0; i < LOOPS; i++) {
            vertx.getOrCreateContext();
        }
        for (int i = 0; i < INFLIGHT; i++) {
            vertx.runOnContext(nothing -> loop.post());
        }
        while (System.in.read() >= 0) {
            // only its end counts
        }
        System.exit(0);
    }

    private void post() {
        client.request(hook)
                .compose(request -> {
                    long now = System.currentTimeMillis() / 1_000;
                    String id = "dlv_01hqxk2j3fe4kr8n7v5m6p9t0s";
                    request.putHeader(HttpHeaders.CONTENT_TYPE, "application/cloudevents+json; charset=utf-8")
                            .putHeader("webhook-id", id)
                            .putHeader("webhook-timestamp", Long.toString(now))
                            .putHeader("webhook-signature", Signatures.sign(secrets, id, now, body))
                            .putHeader("fanfare-attempt", "1")
                            .putHeader("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
                    return request.send(Buffer.buffer(body)).compose(answer -> answer.end());
                })
                .onSuccess(answered -> post())
                .onFailure(failure -> {
                    failure.printStackTrace();
                    System.exit(1);
                });
    }
}
