package dev.fanfare.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.cloudevents.WireEvent.DataKind;
import dev.fanfare.platform.Tx;
import dev.fanfare.subscription.Directories;
import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class AcceptQueueTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private final Tx tx = postgres.tx();
    private final Desk desk = new Desk(new Rows(tx).node());
    private final AcceptQueue queue = new AcceptQueue(
            desk.writer(tx, Directories.of(tx)),
            desk,
            new DiskWatch(() -> 1, () -> 0, 0, new SimpleMeterRegistry()),
            new SmallRyeConfigBuilder()
                    .addDiscoveredConverters()
                    .withMapping(IngestConfig.class)
                    .build()
                    .getConfigMapping(IngestConfig.class));

    @AfterEach
    void stop() throws InterruptedException {
        queue.stop();
    }

    private CompletableFuture<List<Accepted>> add(String id) {
        WireEvent event =
                WireEvent.stored(id, "/s", "t", null, null, null, null, null, DataKind.TEXT, new byte[] {'a'});
        CompletableFuture<List<Accepted>> result = new CompletableFuture<>();
        queue.add(new Submission(TestPostgres.TENANT, List.of(event), null, 10, result));
        return result;
    }

    @Test
    void an_accept_waits_while_deliveries_crowd() {
        AtomicInteger asked = new AtomicInteger();
        desk.crowded = () -> queue.waiting() == 0 || asked.incrementAndGet() < 5;
        queue.start();
        assertThat(add("1").orTimeout(20, TimeUnit.SECONDS).join()).hasSize(1);
        assertThat(asked.get()).as("while it waited").isGreaterThanOrEqualTo(5);
    }

    @Test
    void crowded_for_good_it_goes_on_more_slowly() {
        desk.crowded = () -> true;
        queue.start();
        for (int i = 0; i < 3; i++) {
            assertThat(add("e" + i).orTimeout(20, TimeUnit.SECONDS).join()).hasSize(1);
        }
    }
}
