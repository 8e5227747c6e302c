package dev.fanfare.bench;

import dev.fanfare.bench.Ceilings.Ceiling;
import java.util.List;

/** As fast as 256 connections are answered. */
final class Throughput {
    private static final int RUNS = 3;
    private static final int DELIVERIES = 200_000;

    private Throughput() {}

    static List<Row> fanout1(Lab lab) throws Exception {
        Figures f = lab.measure(Shape.full(lab.scaled(120_000), 1), RUNS);
        Ceiling outbox = lab.ceilings.bareOutbox();
        return List.of(Row.of("fan-out 1", f)
                .figure("%,.0f events/s, %.0f µs", f.deliveries(), f.cpuMicros())
                .goal("≥ 12,000 events/s", f.deliveries() >= 12_000)
                .goal("≤ 110 µs", f.cpuMicros() <= 110)
                .shareOf(outbox, f.deliveries()));
    }

    static List<Row> fanout10(Lab lab) throws Exception {
        Figures f = lab.measure(Shape.full(lab.scaled(DELIVERIES) / 10, 10), RUNS);
        Ceiling loop = lab.ceilings.bareLoop();
        return List.of(wide("fan-out 10", f, 25_000)
                .figure("%.2f of the bare loop", f.deliveries() / loop.perSecond())
                .goal("≥ 0.45 of the bare loop", f.deliveries() >= 0.45 * loop.perSecond())
                .shareOf(loop, f.deliveries()));
    }

    static List<Row> fanout100(Lab lab) throws Exception {
        Figures f = lab.measure(Shape.full(lab.scaled(DELIVERIES) / 100, 100), RUNS);
        return List.of(wide("fan-out 100", f, 30_000).shareOf(lab.ceilings.bareLoop(), f.deliveries()));
    }

    private static Row wide(String what, Figures f, int deliveries) {
        return Row.of(what, f)
                .figure("%,.0f deliveries/s, %.0f µs", f.deliveries(), f.cpuMicros())
                .goal("≥ %,d deliveries/s".formatted(deliveries), f.deliveries() >= deliveries)
                .goal("≤ 60 µs", f.cpuMicros() <= 60);
    }

    static List<Row> batches(Lab lab) throws Exception {
        Figures f = lab.measure(Shape.full(lab.scaled(200_000), 1).withBatch(100), RUNS);
        return List.of(Row.of("batches of 100 in, fan-out 1", f)
                .figure("%,.0f events/s", f.deliveries())
                .goal("≥ 20,000 events/s", f.deliveries() >= 20_000)
                .shareOf(lab.ceilings.bareOutbox(), f.deliveries()));
    }

    static List<Row> noMatch(Lab lab) throws Exception {
        Figures f = lab.measure(Shape.full(lab.scaled(200_000), 0), RUNS);
        Ceiling ingest = lab.ceilings.bareIngest();
        return List.of(Row.of("no match", f)
                .figure("%.2f of bare ingest", f.events() / ingest.perSecond())
                .goal("≥ 0.40 of bare ingest", f.events() >= 0.40 * ingest.perSecond())
                .shareOf(ingest, f.events()));
    }

    static List<Row> ceilings(Lab lab) throws Exception {
        return List.of(
                ceiling("bare loop", lab.ceilings.bareLoop()),
                ceiling("bare ingest", lab.ceilings.bareIngest()),
                ceiling("bare outbox", lab.ceilings.bareOutbox()));
    }

    private static Row ceiling(String what, Ceiling ceiling) {
        return Row.of(what, null).figure("%,.0f/s, %.0f µs", ceiling.perSecond(), ceiling.cpuMicros());
    }
}
