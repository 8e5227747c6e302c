package dev.fanfare.cluster;

import static java.util.stream.Collectors.joining;

import dev.fanfare.testing.PackagedFanfare;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/**
 * Producers that never forget: a batch that was not answered with 202 is sent again, to any of the replicas, until it is.
 * Event number n has the id {@code e<n>} and the type {@code t.<n mod types>}.
 */
final class Producers implements AutoCloseable {
    private static final int THREADS = 8;
    private static final int BATCH = 10;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long PAUSE_MILLIS = 50;

    /** What became of one POST; status 0: no answer in time, or the connection broke. */
    record Answer(int status, String retryAfter, String contentType) {}

    /** What is posted: so many events at most, of so many types, and how long one answer is waited for. */
    record Load(String source, int events, int types, Duration patience) {}

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final AtomicInteger next = new AtomicInteger();
    private final List<Thread> threads = new ArrayList<>();
    private final Load load;
    private volatile List<String> addresses;
    private volatile long pauseNanos;
    private volatile boolean running = true;

    Producers(Load load, PackagedFanfare... replicas) {
        this.load = load;
        to(replicas);
    }

    /** From now on posts to these. */
    void to(PackagedFanfare... replicas) {
        addresses = List.of(replicas).stream().map(PackagedFanfare::address).toList();
    }

    /** Begins to post so many events per second. */
    Producers start(int perSecond) {
        pauseNanos = TimeUnit.SECONDS.toNanos(THREADS * BATCH) / perSecond;
        for (int i = 0; i < THREADS; i++) {
            Thread thread = new Thread(this::produce, "producer-" + i);
            threads.add(thread);
            thread.start();
        }
        return this;
    }

    /** Posts so many events to one replica at once; returns when they are acknowledged, by whomever. */
    void burst(PackagedFanfare replica, int events) {
        int first = next.getAndAdd(events);
        List<Integer> batch = IntStream.range(first, first + events).boxed().toList();
        if (post(replica.address(), batch)) {
            acknowledged.addAll(batch);
        } else {
            sendUntilTaken(batch);
        }
    }

    /** Posts what is left as fast as it is answered; returns when all events are acknowledged. */
    void finish() throws InterruptedException {
        pauseNanos = 0;
        join();
    }

    /** Posts no further event; returns when all that were posted are acknowledged. */
    void stop() throws InterruptedException {
        running = false;
        join();
    }

    private void join() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join(PATIENCE.toMillis());
            if (thread.isAlive()) {
                throw new AssertionError("Events are not taken: " + answers);
            }
        }
    }

    /** Numbers of the events that were answered with 202. */
    Set<Integer> acknowledged() {
        return Set.copyOf(acknowledged);
    }

    void awaitAcknowledged(int more) {
        int goal = acknowledged.size() + more;
        Awaitility.await().atMost(PATIENCE).until(() -> acknowledged.size() >= goal);
    }

    /** POSTs that have been refused with 503 since the answers were taken. */
    long refused() {
        return answers.stream().filter(answer -> answer.status() == 503).count();
    }

    void awaitRefused(int count) {
        Awaitility.await().atMost(PATIENCE).until(() -> refused() >= count);
    }

    /** Takes the answers since the last time. */
    List<Answer> takeAnswers() {
        List<Answer> taken = new ArrayList<>();
        for (Answer answer = answers.poll(); answer != null; answer = answers.poll()) {
            taken.add(answer);
        }
        return taken;
    }

    private void produce() {
        while (running) {
            int first = next.getAndAdd(BATCH);
            List<Integer> batch = IntStream.range(first, Math.min(first + BATCH, load.events()))
                    .boxed()
                    .toList();
            if (batch.isEmpty()) {
                return;
            }
            sendUntilTaken(batch);
            LockSupport.parkNanos(pauseNanos);
        }
    }

    private void sendUntilTaken(List<Integer> batch) {
        while (!post(anyone(), batch)) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
        }
        acknowledged.addAll(batch);
    }

    private String anyone() {
        List<String> among = addresses;
        return among.get(ThreadLocalRandom.current().nextInt(among.size()));
    }

    private boolean post(String address, List<Integer> batch) {
        String body = batch.stream()
                .map(n -> """
                        {"specversion":"1.0","id":"e%1$d","source":"%2$s","type":"t.%3$d","data":"%1$d"}""".formatted(n, load.source(), n % load.types()))
                .collect(joining(",", "[", "]"));
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + "/v1/events"))
                .timeout(load.patience())
                .header("Authorization", "Bearer " + Replicas.KEY)
                .header("Content-Type", "application/cloudevents-batch+json")
                .POST(BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<Void> response = http.send(request, BodyHandlers.discarding());
            answers.add(new Answer(
                    response.statusCode(), header(response, "retry-after"), header(response, "content-type")));
            return response.statusCode() == 202;
        } catch (IOException none) {
            answers.add(new Answer(0, "", none.toString()));
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static String header(HttpResponse<Void> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    @Override
    public void close() {
        running = false;
        threads.forEach(Thread::interrupt);
    }
}
