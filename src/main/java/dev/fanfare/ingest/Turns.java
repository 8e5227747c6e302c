package dev.fanfare.ingest;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Submissions that wait for a commit: of each tenant in the order in which they came, and the tenants in turn. */
final class Turns {
    private final Map<UUID, Deque<Submission>> byTenant = new LinkedHashMap<>();
    private final Semaphore waiting = new Semaphore(0);

    /** From any thread. */
    void add(Submission submission) {
        synchronized (byTenant) {
            byTenant.computeIfAbsent(submission.tenantId(), tenant -> new ArrayDeque<>())
                    .add(submission);
        }
        waiting.release();
    }

    /** The next one, null when there is none. */
    @Nullable
    Submission poll() {
        return waiting.tryAcquire() ? next() : null;
    }

    /** The same, waiting for one. */
    @Nullable
    Submission poll(long millis) throws InterruptedException {
        return waiting.tryAcquire(millis, TimeUnit.MILLISECONDS) ? next() : null;
    }

    int size() {
        return waiting.availablePermits();
    }

    private Submission next() {
        synchronized (byTenant) {
            Iterator<Map.Entry<UUID, Deque<Submission>>> tenants =
                    byTenant.entrySet().iterator();
            Map.Entry<UUID, Deque<Submission>> turn = tenants.next();
            UUID tenant = turn.getKey();
            Deque<Submission> own = turn.getValue();
            tenants.remove();
            Submission next = own.remove();
            if (!own.isEmpty()) {
                byTenant.put(tenant, own);
            }
            return next;
        }
    }
}
