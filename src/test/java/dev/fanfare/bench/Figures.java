package dev.fanfare.bench;

import org.HdrHistogram.Histogram;

/**
 * What one run came to. Rates are per second, times in milliseconds; what is "per delivery" is per event where nothing
 * is delivered.
 *
 * @param cpuMicros CPU of the server and its Postgres per delivery
 * @param generatorMicros CPU of this process, which publishes and receives, per delivery
 * @param walBytes per delivery
 * @param statements per 1,000 deliveries, BEGIN and COMMIT aside
 * @param commits transactions that wrote, per 1,000 deliveries
 * @param lost deliveries of acknowledged events that never came
 * @param refused requests that were not answered with 202
 */
record Figures(
        double events,
        double deliveries,
        double cpuMicros,
        double generatorMicros,
        double ackP50,
        double ackP99,
        double deliveredP50,
        double deliveredP99,
        double deliveredMax,
        double walBytes,
        double statements,
        double commits,
        double lost,
        double duplicates,
        double refused) {

    static Figures of(Account account, long start, Meter used, long generatorMicros) {
        int deliveries = account.arrived.get();
        double per = Math.max(1, deliveries == 0 ? account.acked.get() : deliveries);
        return new Figures(
                account.acked.get() / seconds(start, account.lastAck.get()),
                deliveries / seconds(start, account.lastArrival.get()),
                used.cpuMicros() / per,
                generatorMicros / per,
                millis(account.ack, 50),
                millis(account.ack, 99),
                millis(account.delivered, 50),
                millis(account.delivered, 99),
                millis(account.delivered, 100),
                used.walBytes() / per,
                used.statements() / per * 1_000,
                used.commits() / per * 1_000,
                account.missing(),
                account.duplicates.get(),
                account.refused.get());
    }

    private static double seconds(long from, long to) {
        return Math.max(1e-9, (to - from) / 1e9);
    }

    private static double millis(Histogram micros, double percentile) {
        return micros.getValueAtPercentile(percentile) / 1_000.0;
    }
}
