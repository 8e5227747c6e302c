package dev.fanfare.bench;

import java.util.List;

/** At a fixed rate, counted from when an event was due to be sent. */
final class Latency {
    private static final int SECONDS = 20;
    private static final int RUNS = 3;
    private static final double MANY_HOOKS_RATE = 100;

    private Latency() {}

    static List<Row> rate1000(Lab lab) throws Exception {
        return List.of(rate(lab, 1_000, 10, 15));
    }

    static List<Row> rate5000(Lab lab) throws Exception {
        return List.of(rate(lab, 5_000, 25, 40));
    }

    private static Row rate(Lab lab, int rate, int ackMillis, int deliveredMillis) throws Exception {
        Figures f = lab.measure(Shape.rated(lab.scaled(rate * SECONDS), 1, rate), RUNS);
        return Row.of("%,d events/s".formatted(rate), f)
                .figure("%.1f / %.1f ms", f.ackP99(), f.deliveredP99())
                .goal("ack p99 ≤ %d ms".formatted(ackMillis), f.ackP99() <= ackMillis)
                .goal("delivered p99 ≤ %d ms".formatted(deliveredMillis), f.deliveredP99() <= deliveredMillis);
    }

    /** Twenty subscriptions on one host and port, first all of them well, then ten that never answer. */
    static List<Row> hanging(Lab lab) throws Exception {
        Shape twenty = Shape.rated(lab.scaled((int) MANY_HOOKS_RATE * SECONDS), 20, MANY_HOOKS_RATE);
        Figures well = lab.measure(twenty, 1);
        Figures half = lab.measure(twenty.withHanging(10), 1);
        return List.of(
                Row.of("20 subscriptions, none hangs", well),
                Row.of("10 of 20 subscriptions hang", half)
                        .figure(
                                "p99 %.2f × alone, longest %.0f ms",
                                half.deliveredP99() / well.deliveredP99(), half.deliveredMax())
                        .goal("p99 ≤ 1.5 × alone", half.deliveredP99() <= 1.5 * well.deliveredP99())
                        .goal("none over 100 ms", half.deliveredMax() <= 100));
    }
}
