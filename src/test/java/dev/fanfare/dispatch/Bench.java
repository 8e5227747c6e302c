package dev.fanfare.dispatch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.attempt.AttemptConfig;
import dev.fanfare.attempt.Attempter;
import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.cloudevents.WireEvent.DataKind;
import dev.fanfare.delivery.CancelStore;
import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.ClaimStore;
import dev.fanfare.delivery.Claimed;
import dev.fanfare.delivery.GateStore;
import dev.fanfare.delivery.GiveBackStore;
import dev.fanfare.delivery.SettleStore;
import dev.fanfare.delivery.StatsStore;
import dev.fanfare.platform.DbClock;
import dev.fanfare.platform.NodeRegistry;
import dev.fanfare.platform.SinkGuard;
import dev.fanfare.platform.SinkGuardConfig;
import dev.fanfare.platform.Tx;
import dev.fanfare.subscription.Directories;
import dev.fanfare.subscription.Directory;
import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.testing.FakeSink;
import dev.fanfare.testing.Invariants;
import dev.fanfare.testing.Rows;
import dev.fanfare.testing.SettableClock;
import dev.fanfare.testing.TestPostgres;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.runtime.configuration.MemorySize;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** One node's engine without its threads, stepped by hand: a real database, a real sink, a clock that is set. */
final class Bench implements AutoCloseable, AfterEachCallback {
    record Limits(int maxInflight, MemorySize memory, MemorySize responseMemory, int claimBatch, Duration unheldAfter)
            implements DispatchConfig {}

    private record Guard(Optional<List<String>> allowedNetworks, boolean allowHttp) implements SinkGuardConfig {}

    private record Names(Optional<List<String>> nameServers, Duration dnsTimeout, Duration dnsCache)
            implements AttemptConfig {}

    private final AttemptLoops loops = new AttemptLoops();
    final SettableClock clock = new SettableClock(Rows.NOW);
    final FakeSink sink = FakeSink.start();
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final Tx tx;
    final Rows rows;
    final Directory directory;
    final NodeRegistry nodes;
    final Holdings holdings = new Holdings(clock);
    final Gates gates;
    final GiveBackStore giveBacks;
    final Settler settler;
    final Sender sender;
    final Lanes lanes;
    final Claimer claimer;
    final Dispatcher dispatcher;
    final Housekeeping housekeeping;
    private final Attempter attempter;

    Bench(TestPostgres postgres) {
        this(postgres, 64, 1 << 20);
    }

    Bench(TestPostgres postgres, int maxInflight, int memory) {
        this(postgres, maxInflight, memory, memory);
    }

    Bench(TestPostgres postgres, int maxInflight, int memory, int responseMemory) {
        tx = postgres.tx();
        rows = new Rows(tx);
        Limits limits = new Limits(maxInflight, size(memory), size(responseMemory), 1_000, Duration.ofSeconds(30));
        DeliveryMetrics metrics = new DeliveryMetrics(meters, clock);
        directory = Directories.of(tx);
        nodes = new NodeRegistry(postgres.ownConnection(), new DbClock());
        giveBacks = new GiveBackStore(tx);
        GateStore gateStore = new GateStore(tx);
        gates = new Gates(gateStore, clock);
        CancelStore cancels = new CancelStore(tx);
        settler = new Settler(
                new SettleStore(tx, gateStore),
                giveBacks,
                Directories.readOnly(directory, clock),
                holdings,
                metrics,
                clock,
                limits);
        SinkGuard guard = new SinkGuard(new Guard(Optional.of(List.of("127.0.0.0/8")), true));
        Names names = new Names(Optional.of(List.of("127.0.0.1:9")), Duration.ofSeconds(1), Duration.ofSeconds(10));
        attempter = new Attempter(loops.vertx(), clock, guard, names, maxInflight, "0");
        sender = new Sender(attempter, directory, gates, nodes, settler, metrics);
        lanes = new Lanes(sender, loops);
        ClaimStore claims = new ClaimStore(tx);
        ReadyLanes ready = new ReadyLanes(claims);
        Loader loader = new Loader(claims, giveBacks, cancels, lanes, nodes, holdings, metrics, clock, limits);
        claimer = new Claimer(claims, ready, loader, lanes, gates, directory, nodes, holdings, settler, clock, limits);
        dispatcher = new Dispatcher(sender, lanes, claimer, ready, holdings, nodes, directory, limits);
        housekeeping =
                new Housekeeping(giveBacks, cancels, new StatsStore(tx), nodes, holdings, metrics, clock, limits);
        dispatcher.open();
        nodes.start(UUID.randomUUID(), holdings::floor);
    }

    private static MemorySize size(int bytes) {
        return new MemorySize(BigInteger.valueOf(bytes));
    }

    /** A subscription to a path of the sink, with these {@code protocolsettings}. */
    LiveSubscription subscribe(String path, String settings) {
        UUID id = rows.subscribed("{\"sink\":\"" + sink.url(path) + "\",\"protocolsettings\":" + settings + "}");
        Directories.addSecret(tx, id);
        directory.refresh(TestPostgres.TENANT);
        return live(id);
    }

    LiveSubscription live(UUID id) {
        return Objects.requireNonNull(directory.find(id));
    }

    /** Changes the subscription's state as another replica would. */
    void setState(UUID id, String state) {
        rows.run("update tenant set routing_version = routing_version + 1");
        rows.run("""
                update subscription s set state = ?, state_reason = 'gone',
                       routing_version = (select routing_version from tenant t where t.id = s.tenant_id)
                where id = ?""", state, id);
        directory.refresh(TestPostgres.TENANT);
    }

    /** Accepts one delivery for this node and hands it over; false when the lane has no place: then it waits in the queue. */
    boolean accept(LiveSubscription subscription) {
        return accept(subscription, event("{\"a\": 1.0}", null));
    }

    boolean accept(LiveSubscription subscription, WireEvent event) {
        if (!dispatcher.reserve(subscription, event)) {
            rows.waiting(subscription.id(), clock.instant());
            dispatcher.accepted(List.of(), List.of(subscription.id()));
            return false;
        }
        Claim claim = rows.fresh(nodes.id(), subscription.id(), clock.instant());
        dispatcher.accepted(List.of(new Claimed(claim, TestPostgres.TENANT, claim.id(), event)), List.of());
        return true;
    }

    /** @param extensions as they are stored, null = none */
    static WireEvent event(String data, @Nullable String extensions) {
        return WireEvent.stored(
                "1", "/rows", "row.made", null, null, null, null, extensions, DataKind.JSON, data.getBytes(UTF_8));
    }

    /** Waits until the lane's event loop has done what was asked of it before. */
    void settleLoop(UUID subscription) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        lanes.of(subscription).context().runOnContext(nothing -> done.complete(null));
        done.orTimeout(FakeSink.PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }

    /** Waits until so many outcomes wait to be written. */
    void awaitOutcomes(int count) {
        Instant end = Instant.now().plusSeconds(FakeSink.PATIENCE_SECONDS);
        while (settler.waiting() < count) {
            assertThat(Instant.now()).as("outcomes in time").isBefore(end);
            Thread.onSpinWait();
        }
    }

    /** Writes outcomes and give-backs until so many are written. */
    void settle(int count) {
        for (int done = 0; done < count; ) {
            int written = pass();
            assertThat(written).as("outcomes in time").isPositive();
            done += written;
        }
    }

    private int pass() {
        try {
            return settler.pass(TimeUnit.SECONDS.toMillis(FakeSink.PATIENCE_SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Claims and settles once, at this time. */
    int step(Instant time) {
        clock.set(time);
        int claimed = claimer.pass();
        settle(claimed);
        return claimed;
    }

    static List<Claim> claims(List<Claimed> claimed) {
        return claimed.stream().map(Claimed::claim).toList();
    }

    /** Registered as an extension it is closed before the database is emptied. */
    @Override
    public void afterEach(ExtensionContext context) {
        close();
    }

    @Override
    public void close() {
        Invariants.hold(tx);
        nodes.stop();
        attempter.close();
        sink.close();
        loops.close();
    }
}
