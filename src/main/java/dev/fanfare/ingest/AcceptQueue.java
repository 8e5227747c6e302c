package dev.fanfare.ingest;

import dev.fanfare.platform.Problem;
import dev.fanfare.platform.ProblemException;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Where requests wait for their commit, bounded in bytes. One thread takes all that waits and has it committed
 * together, so the batch grows with the load.
 */
@Singleton
public class AcceptQueue {
    /** More do not make a commit cheaper for each of them, and would overflow a lane at once. */
    private static final int MOST_EVENTS = 1_000;

    private static final long MOST_BYTES = 8L << 20;
    private static final int FEW = 32;
    private static final long GATHER_NANOS = 1_000_000;
    /** A tenth of the time in which a request must be answered. */
    private static final int MOST_PAUSES = 100;

    private static final Logger LOG = Logger.getLogger(AcceptQueue.class);

    private final AcceptWriter writer;
    private final Handoff handoff;
    private final DiskWatch disk;
    private final long memory;
    private final AtomicLong reserved = new AtomicLong();
    private final BlockingQueue<Submission> waiting = new LinkedBlockingQueue<>();
    private volatile boolean open;
    private @Nullable Thread thread;

    public AcceptQueue(AcceptWriter writer, Handoff handoff, DiskWatch disk, IngestConfig config) {
        this.writer = writer;
        this.handoff = handoff;
        this.disk = disk;
        this.memory = config.memory().asLongValue();
    }

    /** Begins to take submissions. */
    public void start() {
        Thread started = new Thread(this::run, "fanfare-accept");
        started.setDaemon(true);
        thread = started;
        open = true;
        started.start();
    }

    /** Refuses new submissions and commits those that wait. */
    public void stop() throws InterruptedException {
        open = false;
        Thread running = thread;
        if (running != null) {
            running.join(10_000);
        }
    }

    /**
     * Whether submissions are taken now.
     *
     * @throws ProblemException 503: the server is starting or stopping, or its disk is nearly full
     */
    void checkOpen() {
        if (!open) {
            throw closed().exception();
        }
        if (disk.isLow()) {
            throw Problem.unavailable("The server's disk is nearly full", Duration.ofSeconds(30))
                    .exception();
        }
    }

    private static Problem closed() {
        return Problem.unavailable("The server is starting or stopping", Duration.ofSeconds(2));
    }

    /** Reserves memory for a request that is being read; false when it is spent. */
    boolean reserve(long bytes) {
        if (reserved.addAndGet(bytes) > memory) {
            reserved.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    void release(long bytes) {
        reserved.addAndGet(-bytes);
    }

    /** Bytes of requests that are being read or wait for their commit. */
    public long reservedBytes() {
        return reserved.get();
    }

    /** Submissions that wait for a commit. */
    int waiting() {
        return waiting.size();
    }

    /** Queues a submission, and takes its reservation over; its result says what became of it. */
    public void add(Submission submission) {
        if (!open) {
            release(submission.bytes());
            submission.fail(closed());
        } else {
            waiting.add(submission);
        }
    }

    private void run() {
        List<Submission> batch = new ArrayList<>();
        while (open || !waiting.isEmpty()) {
            try {
                awaitDeliveries();
                take(batch);
                if (!batch.isEmpty()) {
                    writer.write(batch);
                }
            } catch (InterruptedException end) {
                return;
            } catch (RuntimeException | Error failure) {
                LOG.error("An accept failed; its requests are answered 503", failure);
                batch.forEach(s -> s.fail(Problem.unavailable("The event was not stored", Duration.ofSeconds(1))));
            } finally {
                batch.forEach(submission -> release(submission.bytes()));
                batch.clear();
            }
        }
    }

    /** What overflows a lane goes through the queue, which costs the processors twice as much just when they are short. */
    private void awaitDeliveries() {
        for (int pause = 0; pause < MOST_PAUSES && handoff.crowded(); pause++) {
            LockSupport.parkNanos(GATHER_NANOS);
        }
    }

    private void take(List<Submission> batch) throws InterruptedException {
        Submission next = waiting.poll(200, TimeUnit.MILLISECONDS);
        if (next != null && waiting.size() < FEW) {
            // a commit costs more than a few events: those of the next millisecond share it
            LockSupport.parkNanos(GATHER_NANOS);
        }
        long bytes = 0;
        int events = 0;
        while (next != null) {
            if (next.result().isDone()) {
                // answered 503 while it waited: its producer sends it again
                release(next.bytes());
            } else {
                batch.add(next);
                bytes += next.bytes();
                events += next.events().size();
            }
            next = bytes < MOST_BYTES && events < MOST_EVENTS ? waiting.poll() : null;
        }
    }
}
