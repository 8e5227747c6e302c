package dev.fanfare.bench;

import java.util.BitSet;

/**
 * The load of one run.
 *
 * @param fanout subscriptions that each event matches, each with a hook of its own
 * @param batch events of one request
 * @param rate events per second, 0: as fast as 256 connections are answered
 * @param hanging the first so many hooks never answer
 */
record Shape(int events, int fanout, int batch, double rate, int hanging) {
    static final int CONNECTIONS = 256;
    private static final int RATED_CONNECTIONS = 512;
    private static final int BATCH_CONNECTIONS = 32;

    static Shape full(int events, int fanout) {
        return new Shape(events, fanout, 1, 0, 0);
    }

    static Shape rated(int events, int fanout, double rate) {
        return new Shape(events, fanout, 1, rate, 0);
    }

    Shape withBatch(int size) {
        return new Shape(events, fanout, size, rate, hanging);
    }

    Shape withHanging(int hooks) {
        return new Shape(events, fanout, batch, rate, hooks);
    }

    Shape withEvents(int count) {
        return new Shape(Math.max(batch, count - count % batch), fanout, batch, rate, hanging);
    }

    /** With batches fewer: what is under way must be committed within the second that a request waits. */
    int connections() {
        if (batch > 1) {
            return BATCH_CONNECTIONS;
        }
        return rate > 0 ? RATED_CONNECTIONS : CONNECTIONS;
    }

    BitSet unanswering() {
        BitSet hooks = new BitSet();
        hooks.set(0, hanging);
        return hooks;
    }
}
