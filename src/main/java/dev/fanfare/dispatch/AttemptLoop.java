package dev.fanfare.dispatch;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;

/**
 * An event loop of attempts, and whether it is late: then the processors are what is short, and lanes that catch up yield
 * to those that are up to date.
 */
final class AttemptLoop {
    private static final long LOOK_MILLIS = 20;
    private static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    final Context context;
    private volatile boolean late;

    AttemptLoop(Context context) {
        this.context = context;
    }

    boolean isLate() {
        return late;
    }

    /** Looks from now on whether a timer comes when it is due. */
    void watch(Vertx vertx) {
        context.runOnContext(nothing -> look(vertx));
    }

    private void look(Vertx vertx) {
        long due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS);
        vertx.setTimer(LOOK_MILLIS, timer -> {
            looked(System.nanoTime() - due);
            look(vertx);
        });
    }

    void looked(long lateNanos) {
        late = lateNanos > LATE_NANOS;
    }
}
