package dev.fanfare.bench;

import dev.fanfare.bench.Ceilings.Ceiling;
import java.util.List;

/** As fast as 256 connections are answered. */
final class Throughput {
    private static final int DELIVERIES = 200_000;

    private Throughput() {}

    static List<Row> fanout1(Lab lab) throws Exception {
        Runs runs = lab.measure(Shape.full(lab.scaled(120_000), 1));
        Figures f = runs.median();
        return List.of(Row.of("fan-out 1", runs, Figures::deliveries)
                .figure("%,.0f events/s, %.0f µs", f.deliveries(), f.cpuMicros())
                .goal("≥ 12,000 events/s", f.deliveries() >= 12_000)
                .goal("≤ 110 µs", f.cpuMicros() <= 110)
                .shareOf(lab.ceilings.bareLoop(), f.deliveries())
                .shareOf(lab.ceilings.bareOutbox(1), f.deliveries()));
    }

    static List<Row> fanout10(Lab lab) throws Exception {
        Runs runs = lab.measure(Shape.full(lab.scaled(DELIVERIES) / 10, 10));
        double deliveries = runs.median().deliveries();
        double loop = lab.ceilings.bareLoop().perSecond();
        return List.of(wide("fan-out 10", runs, 25_000)
                .figure("%.2f of the bare loop", deliveries / loop)
                .goal("≥ 0.45 of the bare loop", deliveries >= 0.45 * loop)
                .shareOf(lab.ceilings.bareLoop(), deliveries)
                .shareOf(lab.ceilings.bareOutbox(10), deliveries));
    }

    static List<Row> fanout100(Lab lab) throws Exception {
        Runs runs = lab.measure(Shape.full(lab.scaled(DELIVERIES) / 100, 100));
        return List.of(wide("fan-out 100", runs, 30_000)
                .shareOf(lab.ceilings.bareLoop(), runs.median().deliveries()));
    }

    private static Row wide(String what, Runs runs, int deliveries) {
        Figures f = runs.median();
        return Row.of(what, runs, Figures::deliveries)
                .figure("%,.0f deliveries/s, %.0f µs", f.deliveries(), f.cpuMicros())
                .goal("≥ %,d deliveries/s".formatted(deliveries), f.deliveries() >= deliveries)
                .goal("≤ 60 µs", f.cpuMicros() <= 60);
    }

    static List<Row> batches(Lab lab) throws Exception {
        Runs runs = lab.measure(Shape.full(lab.scaled(200_000), 1).withBatch(100));
        double deliveries = runs.median().deliveries();
        return List.of(Row.of("batches of 100 in, fan-out 1", runs, Figures::deliveries)
                .figure("%,.0f events/s", deliveries)
                .goal("≥ 20,000 events/s", deliveries >= 20_000)
                .shareOf(lab.ceilings.bareOutbox(1), deliveries));
    }

    static List<Row> noMatch(Lab lab) throws Exception {
        Runs runs = lab.measure(Shape.full(lab.scaled(200_000), 0));
        double events = runs.median().events();
        double ingest = lab.ceilings.bareIngest().perSecond();
        return List.of(Row.of("no match", runs, Figures::events)
                .figure("%,.0f events/s, %.2f of bare ingest", events, events / ingest)
                .goal("≥ 0.40 of bare ingest", events >= 0.40 * ingest)
                .shareOf(lab.ceilings.bareIngest(), events));
    }

    static List<Row> ceilings(Lab lab) throws Exception {
        return List.of(
                ceiling(lab.ceilings.bareLoop()),
                ceiling(lab.ceilings.bareIngest()),
                ceiling(lab.ceilings.bareOutbox(1)),
                ceiling(lab.ceilings.bareOutbox(10)));
    }

    private static Row ceiling(Ceiling bare) {
        return Row.of(bare.name()).figure("%,.0f/s, %.0f µs", bare.perSecond(), bare.cpuMicros());
    }
}
