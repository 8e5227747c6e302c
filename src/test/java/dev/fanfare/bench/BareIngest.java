package dev.fanfare.bench;

import dev.fanfare.cloudevents.EventReader;
import dev.fanfare.cloudevents.RejectedEvent;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;

/** Parses each event that is posted and answers 202; says its port on standard output, ends with standard input. */
public final class BareIngest extends AbstractVerticle {
    private static final int LOOPS = 2 * Runtime.getRuntime().availableProcessors();

    private final int port;
    private final EventReader reader = new EventReader(new EventReader.Limits(1 << 20, 8 << 20, 1_000, 100));

    private BareIngest(int port) {
        this.port = port;
    }

    public static void main(String[] arguments) throws IOException {
        int port = Receiver.freePort();
        Vertx vertx = Vertx.vertx();
        for (int i = 0; i < LOOPS; i++) {
            vertx.deployVerticle(new BareIngest(port), new DeploymentOptions())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        }
        System.out.println(port);
        while (System.in.read() >= 0) {
            // only its end counts
        }
        System.exit(0);
    }

    @Override
    public void start(Promise<Void> started) {
        vertx.createHttpServer()
                .requestHandler(this::receive)
                .listen(port, "127.0.0.1")
                .<Void>mapEmpty()
                .onComplete(started);
    }

    private void receive(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            try {
                String id =
                        reader.read(request.headers(), body.getBytes()).get(0).id();
                request.response()
                        .setStatusCode(202)
                        .putHeader("content-type", "application/json")
                        .end("{\"accepted\":[{\"id\":\"" + id + "\"}]}");
            } catch (RejectedEvent rejected) {
                request.response().setStatusCode(400).end();
            }
        });
    }
}
