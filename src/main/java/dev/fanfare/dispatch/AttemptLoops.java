package dev.fanfare.dispatch;

import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.impl.VertxInternal;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

/**
 * The event loops of attempts, one for each processor, apart from those that take requests in: however much a backlog
 * keeps these busy, the system gives the others their share.
 */
@Singleton
public class AttemptLoops {
    private final Vertx vertx = Vertx.vertx(new VertxOptions()
            .setEventLoopPoolSize(Runtime.getRuntime().availableProcessors())
            .setFileSystemOptions(
                    new FileSystemOptions().setClassPathResolvingEnabled(false).setFileCachingEnabled(false)));

    private final List<Context> loops = new ArrayList<>();

    AttemptLoops() {
        VertxInternal internal = (VertxInternal) vertx;
        for (var executor : internal.getEventLoopGroup()) {
            loops.add(internal.createEventLoopContext((EventLoop) executor, null, null));
        }
    }

    Vertx vertx() {
        return vertx;
    }

    /** The loop for everything with this hash. */
    Context loop(int hash) {
        return loops.get(Math.floorMod(hash, loops.size()));
    }

    /** After the client that runs on them. */
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
