package dev.fanfare;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fanfare.testing.PackagedFanfare;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** Producers that post batches of large events, each the next one once it is answered, whatever the answer is. */
final class Flood {
    private static final int PRODUCERS = 16;
    private static final int BATCH = 16;
    private static final long PAUSE_NANOS = 20_000_000;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String address;
    private final String key;
    private final byte[] data;
    private final AtomicInteger next = new AtomicInteger();
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final Map<Integer, Integer> answers = new ConcurrentHashMap<>();
    private final List<Thread> producers = new ArrayList<>();
    private volatile boolean running = true;

    Flood(PackagedFanfare fanfare, int eventBytes) throws IOException {
        this.address = fanfare.address();
        this.key = fanfare.operatorKey();
        this.data = "flood-64".repeat(eventBytes / 8).getBytes(UTF_8);
    }

    void start() {
        for (int i = 0; i < PRODUCERS; i++) {
            boolean announced = i % 2 == 0;
            Thread producer = new Thread(() -> produce(announced));
            producers.add(producer);
            producer.start();
        }
    }

    void stop() throws InterruptedException {
        running = false;
        for (Thread producer : producers) {
            producer.join();
        }
    }

    /** The ids that a 202 has named. */
    Set<String> acknowledged() {
        return acknowledged;
    }

    /** How many answers had which status; 0 is none at all. */
    Map<Integer, Integer> answers() {
        return new TreeMap<>(answers);
    }

    private void produce(boolean announced) {
        while (running) {
            int first = next.getAndAdd(BATCH);
            List<String> ids = IntStream.range(first, first + BATCH)
                    .mapToObj(Integer::toString)
                    .toList();
            int status = post(ids, announced);
            answers.merge(status, 1, Integer::sum);
            if (status == 202) {
                acknowledged.addAll(ids);
            } else {
                // far from what Retry-After asks for, and not so often that this machine does nothing else
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private int post(List<String> ids, boolean announced) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + "/v1/events"))
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/cloudevents-batch+json")
                .POST(body(ids, announced))
                .build();
        try {
            return client.send(request, BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    /** @param announced by Content-Length; otherwise in chunks */
    private BodyPublisher body(List<String> ids, boolean announced) {
        List<byte[]> parts = new ArrayList<>();
        for (String id : ids) {
            String head = "{\"specversion\":\"1.0\",\"id\":\"" + id
                    + "\",\"source\":\"/flood\",\"type\":\"com.example.flood\",\"data\":\"";
            parts.add(((parts.isEmpty() ? "[" : ",") + head).getBytes(UTF_8));
            parts.add(data);
            parts.add("\"}".getBytes(UTF_8));
        }
        parts.add("]".getBytes(UTF_8));
        long length = parts.stream().mapToLong(part -> part.length).sum();
        BodyPublisher body = BodyPublishers.ofByteArrays(parts);
        return announced ? BodyPublishers.fromPublisher(body, length) : body;
    }
}
