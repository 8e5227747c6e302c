package dev.fanfare.bench;

import java.util.List;

/** At a fixed rate, counted from when an event was due to be sent. */
final class Latency {
    private static final int SECONDS = 10;
    private static final double MANY_HOOKS_RATE = 100;

    private Latency() {}

    static List<Row> rate1000(Lab lab) throws Exception {
        return List.of(rate(lab, 1_000, 10, 15));
    }

    static List<Row> rate5000(Lab lab) throws Exception {
        return List.of(rate(lab, 5_000, 25, 40));
    }

    private static Row rate(Lab lab, int rate, int ackMillis, int deliveredMillis) throws Exception {
        Runs runs = lab.measure(Shape.rated(lab.scaled(rate * SECONDS), 1, rate));
        Figures f = runs.median();
        return Row.of("%,d events/s".formatted(rate), runs, Figures::deliveredP99)
                .figure("p99 %.1f / %.1f ms", f.ackP99(), f.deliveredP99())
                .goal("ack p99 ≤ %d ms".formatted(ackMillis), f.ackP99() <= ackMillis)
                .goal("delivered p99 ≤ %d ms".formatted(deliveredMillis), f.deliveredP99() <= deliveredMillis);
    }

    /** Twenty subscriptions on one host and port, first all of them well, then ten that never answer. */
    static List<Row> hanging(Lab lab) throws Exception {
        Shape twenty = Shape.rated(lab.scaled((int) MANY_HOOKS_RATE * SECONDS), 20, MANY_HOOKS_RATE);
        Runs well = lab.measure(twenty);
        Runs half = lab.measure(twenty.withHanging(10));
        double alone = well.median().deliveredP99();
        double p99 = half.median().deliveredP99();
        double longest = half.median().deliveredMax();
        return List.of(
                Row.of("20 subscriptions, none hangs", well, Figures::deliveredP99)
                        .figure(
                                "p99 %.1f ms, longest %.0f ms",
                                alone, well.median().deliveredMax()),
                Row.of("10 of 20 subscriptions hang", half, Figures::deliveredP99)
                        .figure("p99 %.1f ms, longest %.0f ms", p99, longest)
                        .goal("p99 ≤ 1.5 × alone", p99 <= 1.5 * alone)
                        .goal("none over 100 ms", longest <= 100)
                        .against("alone", alone, " ms", p99));
    }
}
