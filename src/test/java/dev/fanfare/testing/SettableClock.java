package dev.fanfare.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that stands still until it is moved. */
public final class SettableClock implements InstantSource {
    private volatile Instant now;
    private volatile Runnable afterNext = () -> {};

    public SettableClock(Instant now) {
        this.now = now;
    }

    @Override
    public Instant instant() {
        Instant told = now;
        Runnable then = afterNext;
        afterNext = () -> {};
        then.run();
        return told;
    }

    /** Once, right after somebody was told the time: what another thread does before that one goes on. */
    public void afterNext(Runnable meanwhile) {
        afterNext = meanwhile;
    }

    public void set(Instant time) {
        now = time;
    }

    public void forward(Duration step) {
        now = now.plus(step);
    }
}
