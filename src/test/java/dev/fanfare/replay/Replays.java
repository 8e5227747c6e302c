package dev.fanfare.replay;

import dev.fanfare.platform.Ids;
import dev.fanfare.platform.Tx;
import java.time.Instant;
import java.util.UUID;

/** Replays as the resource makes them and the runner's thread steps them. */
public final class Replays {
    private final ReplayStore store;

    public Replays(Tx tx) {
        store = new ReplayStore(tx);
    }

    /**
     * Makes a job.
     *
     * @param selector as the request has it
     * @param same deliveries that had been delivered keep their webhook-id
     */
    public UUID create(UUID tenant, String selector, boolean same, Instant now) {
        UUID id = Ids.at(now);
        store.create(id, tenant, selector, same, now);
        return id;
    }

    public void cancel(UUID tenant, UUID job, Instant now) {
        store.cancel(tenant, job, now);
    }

    /** Takes one step; returns whether there is more to do at once. */
    public boolean step(UUID job, Instant now) {
        return store.step(job, now).more();
    }
}
