package dev.fanfare.dispatch;

import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** A named thread that runs one pass after the other. A pass that fails is logged, waited out and run again. */
final class Loop {
    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;
    private static final Logger LOG = Logger.getLogger(Loop.class);

    private final String name;
    private final Pass pass;
    private final Thread thread;
    private volatile boolean running = true;

    /** One round of work, which waits by itself when there is nothing to do. */
    @FunctionalInterface
    interface Pass {
        void run() throws InterruptedException;
    }

    Loop(String name, Pass pass) {
        this.name = name;
        this.pass = pass;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Lets the pass under way end, and waits for it. */
    void stop() throws InterruptedException {
        running = false;
        thread.join(TimeUnit.SECONDS.toMillis(10));
    }

    private void run() {
        long pause = 0;
        while (running) {
            try {
                pass.run();
                pause = 0;
            } catch (InterruptedException end) {
                return;
            } catch (RuntimeException | Error failure) {
                // an Error too: a loop that has died silently is worse than one that fails loudly
                pause = Math.min(LONGEST_PAUSE_MILLIS, Math.max(FIRST_PAUSE_MILLIS, pause * 2));
                LOG.warnf(failure, "%s failed; nothing is lost, it tries again in %d ms", name, pause);
                if (!slept(pause)) {
                    return;
                }
            }
        }
    }

    private static boolean slept(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
            return true;
        } catch (InterruptedException end) {
            return false;
        }
    }
}
