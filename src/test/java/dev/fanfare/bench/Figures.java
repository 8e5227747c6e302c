package dev.fanfare.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * What one run came to. Rates are per second, times in milliseconds; what is "per delivery" is per event where nothing
 * is delivered.
 *
 * @param cpuMicros CPU of the server and its Postgres per delivery
 * @param generatorMicros CPU of this process, which publishes and receives, per delivery
 * @param walBytes per delivery
 * @param commits per 1,000 deliveries
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

    /** Of each figure the median; of losses, duplicates and refusals all. */
    static Figures median(List<Figures> runs) {
        return new Figures(
                median(runs, Figures::events),
                median(runs, Figures::deliveries),
                median(runs, Figures::cpuMicros),
                median(runs, Figures::generatorMicros),
                median(runs, Figures::ackP50),
                median(runs, Figures::ackP99),
                median(runs, Figures::deliveredP50),
                median(runs, Figures::deliveredP99),
                median(runs, Figures::deliveredMax),
                median(runs, Figures::walBytes),
                median(runs, Figures::commits),
                runs.stream().mapToDouble(Figures::lost).sum(),
                runs.stream().mapToDouble(Figures::duplicates).sum(),
                runs.stream().mapToDouble(Figures::refused).sum());
    }

    static double median(List<Figures> runs, ToDoubleFunction<Figures> figure) {
        double[] sorted = runs.stream().mapToDouble(figure).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
