package dev.fanfare.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server is killed with {@code kill -9} while 256 connections publish as fast as they are answered. */
final class Interruption {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int SECONDS_OF_LOAD = 4;
    private static final int READ_MILLIS = 100;
    private static final Shape LOAD = Shape.full(1_000_000, 1);

    /** What one kill came to; held: acknowledged and not arrived when it happened. */
    private record Kill(double secondsToGoOn, long held, long lost, long acknowledged, long twice) {}

    @FunctionalInterface
    private interface Run {
        Kill in(Lab lab) throws Exception;
    }

    private Interruption() {}

    static List<Row> kill(Lab lab) throws Exception {
        List<Kill> kills = kills(lab, Interruption::killTheOnly);
        Spread goesOn = spread(kills);
        return List.of(row("kill -9 at full rate", kills)
                .figure("goes on %.2f s after ready", goesOn.median())
                .goal("within 2 s of ready", goesOn.median() <= 2));
    }

    static List<Row> takeover(Lab lab) throws Exception {
        List<Kill> kills = kills(lab, Interruption::killOneOfTwo);
        Spread delivered = spread(kills);
        return List.of(row("kill -9 of one of two replicas at full rate", kills)
                .figure("what it held delivered within %.1f s", delivered.median())
                .goal("within 10 s", delivered.median() <= 10));
    }

    private static List<Kill> kills(Lab lab, Run run) throws Exception {
        lab.warmUp();
        List<Kill> kills = new ArrayList<>();
        for (int i = 0; i < lab.runs(); i++) {
            kills.add(run.in(lab));
        }
        return kills;
    }

    private static Spread spread(List<Kill> kills) {
        return Spread.of(kills.stream().map(Kill::secondsToGoOn).toList());
    }

    private static Row row(String what, List<Kill> kills) {
        long lost = kills.stream().mapToLong(Kill::lost).sum();
        return Row.of(what)
                .spread(spread(kills))
                .lost(lost)
                .figure(
                        "%d of %,d lost, %,d twice, %,.0f held",
                        lost,
                        kills.stream().mapToLong(Kill::acknowledged).sum(),
                        kills.stream().mapToLong(Kill::twice).sum(),
                        Spread.of(kills.stream().map(Kill::held).toList()).median())
                .goal("0 lost", lost == 0);
    }

    /** Its producers go on with the one that is started in its place. */
    private static Kill killTheOnly(Lab lab) throws Exception {
        String type = lab.newType();
        List<String> subscriptions = lab.subscribe(type, 1);
        Account account = lab.receiver.account(LOAD.events(), 1, new BitSet());
        try (Producer producer = Lab.producer(lab.server(), account, type, LOAD)) {
            producer.start();
            TimeUnit.SECONDS.sleep(SECONDS_OF_LOAD);
            lab.server().kill();
            TimeUnit.MILLISECONDS.sleep(READ_MILLIS); // what it had sent is read
            int before = account.arrived.get();
            int held = account.missing();
            lab.replace(lab.server().again());
            long ready = System.nanoTime();
            while (account.arrived.get() == before && System.nanoTime() - ready < PATIENCE.toNanos()) {
                Thread.sleep(1); // looked at seldom: a signal with each arrival would slow the receiver down
            }
            double goesOn = (System.nanoTime() - ready) / 1e9;
            TimeUnit.SECONDS.sleep(SECONDS_OF_LOAD);
            producer.stop().get();
            account.awaitArrivals(PATIENCE);
            lab.server().unsubscribe(subscriptions);
            return new Kill(goesOn, held, account.missing(), account.acked.get(), account.duplicates.get());
        } finally {
            lab.receiver.close(account);
        }
    }

    /** Each has producers of its own; those of the dead one end with it, those of the other go on. */
    private static Kill killOneOfTwo(Lab lab) throws Exception {
        String type = lab.newType();
        List<String> subscriptions = lab.subscribe(type, 1);
        Account living = lab.receiver.account(LOAD.events(), 1, new BitSet());
        Account dead = lab.receiver.account(LOAD.events(), 1, new BitSet());
        Server replica = lab.replica();
        try (Producer producer = Lab.producer(lab.server(), living, type, LOAD);
                Producer other = Lab.producer(replica, dead, type, LOAD)) {
            producer.start();
            other.start();
            TimeUnit.SECONDS.sleep(SECONDS_OF_LOAD);
            long killed = System.nanoTime();
            replica.kill();
            other.close();
            TimeUnit.MILLISECONDS.sleep(READ_MILLIS); // what it had sent is read
            int held = dead.missing();
            dead.awaitArrivals(PATIENCE);
            double delivered = (dead.lastArrival.get() - killed) / 1e9;
            producer.stop().get();
            living.awaitArrivals(PATIENCE);
            lab.server().unsubscribe(subscriptions);
            return new Kill(
                    delivered,
                    held,
                    living.missing() + dead.missing(),
                    living.acked.get() + dead.acked.get(),
                    living.duplicates.get() + dead.duplicates.get());
        } finally {
            lab.receiver.close(living);
            lab.receiver.close(dead);
        }
    }
}
