package dev.fanfare.bench;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The server in {@code -Xmx256m} at full rate; its resident memory each second, Postgres aside. */
final class Memory {
    static final int SECONDS = Integer.getInteger("bench.memory.seconds", 600);
    private static final int MOST_EVENTS_PER_SECOND = 20_000;
    private static final double FLAT = 1.05;

    private Memory() {}

    static List<Row> memory(Lab lab) throws Exception {
        int seconds = lab.smoke ? Math.min(SECONDS, 20) : SECONDS;
        lab.restart("-Xmx256m");
        String type = lab.newType();
        List<String> subscriptions = lab.subscribe(type, 1);
        int most = seconds * MOST_EVENTS_PER_SECOND;
        Account account = lab.receiver.account(most, 1, new BitSet());
        List<Long> mebibytes = new ArrayList<>();
        try (Producer producer = Lab.producer(lab.server(), account, type, Shape.full(most, 1))) {
            long start = System.nanoTime();
            producer.start();
            for (int i = 0; i < seconds; i++) {
                TimeUnit.SECONDS.sleep(1);
                mebibytes.add(ProcessTree.residentBytes(lab.server().pid()) >> 20);
            }
            producer.stop().get();
            account.awaitArrivals(Lab.PATIENCE);
            double rate = account.arrived.get() / ((account.lastArrival.get() - start) / 1e9);
            long early = highest(mebibytes.subList(seconds / 5, seconds * 2 / 5));
            long last = highest(mebibytes.subList(seconds * 4 / 5, seconds));
            long highest = highest(mebibytes);
            lab.server().unsubscribe(subscriptions);
            lab.restart();
            return List.of(Row.of("-Xmx256m, %d s at full rate".formatted(seconds))
                    .lost(account.missing())
                    .figure(
                            "%d MiB, at last %.2f of the second fifth, %,.0f/s, %d lost",
                            highest, (double) last / early, rate, account.missing())
                    .goal("≤ 450 MiB", highest <= 450)
                    .goal("flat", last <= FLAT * early));
        } finally {
            lab.receiver.close(account);
        }
    }

    private static long highest(List<Long> values) {
        return values.stream().mapToLong(Long::longValue).max().orElseThrow();
    }
}
