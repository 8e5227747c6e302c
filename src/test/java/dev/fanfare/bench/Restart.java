package dev.fanfare.bench;

import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** The server is started with the data that it has. */
final class Restart {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int DUE = 200_000;
    private static final int LANES = 10;

    /** What one start with a backlog came to; seconds since ready, and per second. */
    private record Drain(double first, double rate, long due, long lost, Figures during, Figures afterwards) {}

    private Restart() {}

    /** On an idle machine, beside a Postgres that runs already, and with the embedded one stopped in good order. */
    static List<Row> start(Lab lab) throws Exception {
        List<Double> external = new ArrayList<>();
        List<Double> embedded = new ArrayList<>();
        lab.server();
        for (int i = 0; i < lab.runs(); i++) {
            try (Server replica = lab.replica()) {
                external.add(replica.startToReady.toMillis() / 1e3);
            }
        }
        for (int i = 0; i < lab.runs(); i++) {
            lab.restart();
            embedded.add(lab.server().startToReady.toMillis() / 1e3);
        }
        return List.of(
                start("external Postgres", Spread.of(external), 2.5),
                start("embedded Postgres with data", Spread.of(embedded), 3.5));
    }

    private static Row start(String with, Spread seconds, double goal) {
        return Row.of("start to ready, " + with)
                .spread(seconds)
                .figure("%.1f s", seconds.median())
                .goal("≤ %.1f s".formatted(goal), seconds.median() <= goal);
    }

    /** Killed, and started with deliveries due on ten lanes; live traffic goes on beside them. */
    static List<Row> withBacklog(Lab lab) throws Exception {
        List<Drain> drains = new ArrayList<>();
        for (int i = 0; i < lab.runs(); i++) {
            drains.add(drain(lab));
        }
        Spread first = Spread.of(drains.stream().map(Drain::first).toList());
        Spread rate = Spread.of(drains.stream().map(Drain::rate).toList());
        long lost = drains.stream().mapToLong(Drain::lost).sum();
        Runs during = new Runs(drains.stream().map(Drain::during).toList());
        Runs afterwards = new Runs(drains.stream().map(Drain::afterwards).toList());
        double beside = during.median().deliveredP50();
        double alone = afterwards.median().deliveredP50();
        return List.of(
                Row.of("restart with %,d due".formatted(drains.get(0).due))
                        .spread(rate)
                        .lost(lost)
                        .figure("first %.1f s after ready, %,.0f/s, %d lost", first.median(), rate.median(), lost)
                        .goal("first ≤ 1 s after ready", first.median() <= 1)
                        .goal("≥ 12,000/s", rate.median() >= 12_000)
                        .shareOf(lab.ceilings.bareLoop(), rate.median()),
                // its CPU and WAL would be those of the backlog too
                Row.of("1,000 events/s beside it")
                        .spread(during.spread(Figures::deliveredP50))
                        .lost((long) during.median().lost())
                        .figure(
                                "p50 %.1f ms, ack %.1f ms, %.0f lost",
                                beside,
                                during.median().ackP50(),
                                during.median().lost())
                        .goal("within 20 % of afterwards", beside <= 1.2 * alone)
                        .against("afterwards", alone, " ms", beside),
                Row.of("1,000 events/s afterwards", afterwards, Figures::deliveredP50)
                        .figure("p50 %.1f ms", alone));
    }

    private static Drain drain(Lab lab) throws Exception {
        String type = lab.newType();
        List<String> lanes = lab.subscribe(type, LANES);
        for (String lane : lanes) {
            lab.server().call("POST", "/v1/subscriptions/" + lane + "/pause", "");
        }
        int events = lab.scaled(DUE) / LANES;
        Account due = lab.receiver.account(events, LANES, new BitSet());
        Shape batches = Shape.full(events, LANES).withBatch(100);
        try (Producer producer = Lab.producer(lab.server(), due, type, batches)) {
            producer.start().get();
        }
        String live = lab.newType();
        List<String> liveLane = lab.subscribe(live, 1);
        lab.server().kill();
        activateAll(lab);
        lab.replace(lab.server().again());
        long ready = System.nanoTime();
        Figures during = lab.run(Shape.rated(lab.scaled(12_000), 1, 1_000), live);
        due.awaitArrivals(PATIENCE);
        Figures afterwards = lab.run(Shape.rated(lab.scaled(6_000), 1, 1_000), live);
        lab.server().unsubscribe(lanes);
        lab.server().unsubscribe(liveLane);
        lab.receiver.close(due);
        return new Drain(
                Math.max(0, (due.firstArrival.get() - ready) / 1e9),
                due.arrived.get() / ((due.lastArrival.get() - due.firstArrival.get()) / 1e9),
                due.expected(),
                due.missing(),
                during,
                afterwards);
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
