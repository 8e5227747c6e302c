package dev.fanfare.ingest;

import dev.fanfare.platform.Problem;
import dev.fanfare.platform.ProblemType;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads one request's body within a limit, a time and the memory for requests. A refused body is still read and thrown
 * away for a while: a client that writes before it reads must see the answer.
 */
final class BodyReader {
    private static final long MOST_DISCARDED = 32L << 20;
    private static final long DISCARD_MILLIS = 5_000;

    private final Vertx vertx;
    private final HttpServerRequest request;
    private final AcceptQueue memory;
    private final long timer;
    private @Nullable UUID tenant;
    private Buffer body = Buffer.buffer();
    private long reserved;
    private long discarded;
    private boolean ended;
    private boolean over;

    BodyReader(Vertx vertx, HttpServerRequest request, AcceptQueue memory, Duration timeout) {
        this.vertx = vertx;
        this.request = request;
        this.memory = memory;
        this.timer =
                vertx.setTimer(timeout.toMillis(), id -> request.connection().close());
        // who goes away in the middle gives its memory back
        request.response().closeHandler(closed -> done());
    }

    /** Reads a tenant's request whole and hands it over, or says why not. On the request's event loop. */
    void read(UUID sender, int limit, Consumer<byte[]> whole, Consumer<Problem> refused) {
        tenant = sender;
        long announced = announced();
        if (announced > limit) {
            refused.accept(tooLarge(limit));
            return;
        }
        if (!reserve(Math.max(announced, 0))) {
            refused.accept(full());
            return;
        }
        if ("100-continue".equalsIgnoreCase(request.getHeader("expect"))) {
            request.response().writeContinue();
        }
        request.handler(chunk -> {
            if (over) {
                return;
            }
            long size = (long) body.length() + chunk.length();
            if (size > limit) {
                refused.accept(tooLarge(limit));
            } else if (size > reserved && !reserve(size - reserved)) {
                refused.accept(full());
            } else {
                body.appendBuffer(chunk);
            }
        });
        request.exceptionHandler(broken -> {
            if (!over && !(broken instanceof HttpClosedException)) {
                refused.accept(Problem.of(ProblemType.MALFORMED, "The body is not framed as HTTP asks"));
                // the connection is closed next
                ((ConnectionBase) request.connection()).channel().flush();
            }
        });
        request.endHandler(end -> {
            ended = true;
            vertx.cancelTimer(timer);
            if (!over) {
                byte[] bytes = body.getBytes();
                body = Buffer.buffer();
                whole.accept(bytes);
            }
        });
    }

    /**
     * Reserves more, for what the body became.
     *
     * @return false when the memory for requests is spent
     */
    boolean charge(long bytes) {
        return reserve(bytes);
    }

    /** Passes the reservation on to whoever keeps what was read; returns its bytes. */
    long handOver() {
        long bytes = reserved;
        reserved = 0;
        return bytes;
    }

    /** The request is answered, or its client gone: gives back what is still reserved for it. */
    void done() {
        over = true;
        vertx.cancelTimer(timer);
        body = Buffer.buffer();
        if (tenant != null) {
            memory.release(tenant, reserved);
        }
        reserved = 0;
    }

    /** Throws away what still comes, and closes the connection when it goes on for too long. */
    void discard() {
        boolean first = !over;
        done();
        if (ended || !first) {
            return;
        }
        long closing = vertx.setTimer(DISCARD_MILLIS, id -> request.connection().close());
        request.handler(chunk -> {
            discarded += chunk.length();
            if (discarded > MOST_DISCARDED) {
                request.connection().close();
            }
        });
        request.endHandler(end -> {
            ended = true;
            vertx.cancelTimer(closing);
        });
    }

    private boolean reserve(long bytes) {
        if (tenant == null || !memory.reserve(tenant, bytes, reserved)) {
            return false;
        }
        reserved += bytes;
        return true;
    }

    private long announced() {
        String length = request.getHeader("content-length");
        try {
            return length == null ? -1 : Long.parseLong(length);
        } catch (NumberFormatException unreadable) {
            return -1;
        }
    }

    private static Problem tooLarge(int limit) {
        return Problem.of(ProblemType.TOO_LARGE, "The body may have " + limit + " bytes");
    }

    static Problem full() {
        return Problem.unavailable("Too many requests wait for their commit", Duration.ofSeconds(1));
    }
}
