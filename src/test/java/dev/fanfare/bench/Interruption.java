package dev.fanfare.bench;

import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The server ends and is started again. */
final class Interruption {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int STARTS = 3;
    private static final int SECONDS_OF_LOAD = 4;
    private static final int MOST_EVENTS = 1_000_000;
    private static final int DUE = 200_000;

    private Interruption() {}

    /** Stopped in good order, started with its data. */
    static List<Row> start(Lab lab) throws Exception {
        List<Long> millis = new ArrayList<>();
        for (int i = 0; i < STARTS; i++) {
            lab.restart();
            millis.add(lab.server().startToReady.toMillis());
        }
        Collections.sort(millis);
        long median = millis.get(STARTS / 2);
        return List.of(Row.of("start to ready, embedded Postgres with data", null)
                .figure("%.1f s", median / 1e3)
                .goal("≤ 3.5 s", median <= 3_500));
    }

    /** {@code kill -9} while 256 connections publish as fast as they are answered. */
    static List<Row> kill(Lab lab) throws Exception {
        String type = lab.newType();
        List<String> subscriptions = lab.subscribe(type, 1);
        Shape shape = Shape.full(MOST_EVENTS, 1);
        Account account = lab.receiver.account(MOST_EVENTS, 1, new BitSet());
        try (Producer producer = lab.producer(account, type, shape)) {
            producer.start();
            TimeUnit.SECONDS.sleep(SECONDS_OF_LOAD);
            lab.server().kill();
            TimeUnit.MILLISECONDS.sleep(100); // what it had sent is read
            int before = account.arrived.get();
            Server again = lab.server().again();
            long ready = System.nanoTime();
            lab.replace(again);
            while (account.arrived.get() == before && System.nanoTime() - ready < PATIENCE.toNanos()) {
                Thread.sleep(1);
            }
            long goesOn = (System.nanoTime() - ready) / 1_000_000;
            TimeUnit.SECONDS.sleep(SECONDS_OF_LOAD);
            producer.stop().get(1, TimeUnit.MINUTES);
            account.awaitArrivals(PATIENCE);
            lab.server().unsubscribe(subscriptions);
            return List.of(Row.of("kill -9 at full rate", null)
                    .figure(
                            "%d of %,d lost, %d twice",
                            account.missing(), account.acked.get(), account.duplicates.get())
                    .goal("0 lost", account.missing() == 0)
                    .figure("goes on %d ms after ready", goesOn)
                    .goal("within 2 s of ready", goesOn <= 2_000));
        } finally {
            lab.receiver.close(account);
        }
    }

    /** Started with deliveries due on ten lanes; live traffic goes on beside them. */
    static List<Row> restart(Lab lab) throws Exception {
        String type = lab.newType();
        List<String> lanes = lab.subscribe(type, 10);
        for (String lane : lanes) {
            lab.server().call("POST", "/v1/subscriptions/" + lane + "/pause", "");
        }
        int events = lab.scaled(DUE) / lanes.size();
        Account due = lab.receiver.account(events, lanes.size(), new BitSet());
        try (Producer producer = lab.producer(due, type, Shape.full(events, 10).withBatch(100))) {
            producer.start().get(1, TimeUnit.MINUTES);
        }
        String live = lab.newType();
        List<String> liveLane = lab.subscribe(live, 1);
        lab.server().kill();
        activateAll(lab);
        lab.replace(lab.server().again());
        long ready = System.nanoTime();
        Shape beside = Shape.rated(lab.scaled(12_000), 1, 1_000);
        Figures during = lab.run(beside, live);
        due.awaitArrivals(PATIENCE);
        Figures afterwards = lab.run(beside, live);
        double first = (due.firstArrival.get() - ready) / 1e9;
        double rate = due.arrived.get() / ((due.lastArrival.get() - due.firstArrival.get()) / 1e9);
        lab.server().unsubscribe(lanes);
        lab.server().unsubscribe(liveLane);
        lab.receiver.close(due);
        return List.of(
                Row.of("restart with %,d due".formatted(due.expected()), null)
                        .figure("first %.1f s after ready, %,.0f/s, %d lost", Math.max(0, first), rate, due.missing())
                        .goal("first ≤ 1 s after ready", first <= 1)
                        .goal("≥ 12,000/s", rate >= 12_000),
                // its CPU and WAL are those of the backlog too
                Row.of("1,000 events/s beside it", null)
                        .figure(
                                "p50 %.0f ms, %.2f × afterwards",
                                during.deliveredP50(), during.deliveredP50() / afterwards.deliveredP50())
                        .figure("%.0f lost", during.lost())
                        .goal("within 20 %", during.deliveredP50() <= 1.2 * afterwards.deliveredP50()),
                Row.of("1,000 events/s afterwards", afterwards));
    }

    /** As the API does it when a subscription is resumed, while no server runs that would start to claim. */
    private static void activateAll(Lab lab) throws Exception {
        try (Statement statement = lab.connection().createStatement()) {
            statement.execute("""
                    update instance set routing_version = routing_version + 1;
                    update tenant set routing_version = routing_version + 1;
                    update subscription s
                    set state = 'active', revision = revision + 1,
                        routing_version = (select t.routing_version from tenant t where t.id = s.tenant_id)
                    where state = 'paused'""");
        }
    }
}
