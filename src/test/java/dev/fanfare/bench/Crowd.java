package dev.fanfare.bench;

import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The same load beside much that does not concern it: other subscriptions, waiting and held deliveries. */
final class Crowd {
    private static final int OTHERS = 9_990;
    private static final int LANES = 1_000;
    private static final int HELD_LANES = 10;
    private static final int REST_THREADS = 8;
    private static final int ROWS = 1_000_000;

    /** What must not change. */
    private record State(String name, Runs full, Runs rated, Spread claims) {}

    private Crowd() {}

    static List<Row> subscriptions(Lab lab) throws Exception {
        Shape shape = Shape.full(lab.scaled(20_000), 10);
        Runs ten = lab.measure(shape);
        String other = lab.newType();
        long start = System.nanoTime();
        List<String> others = subscribe(lab, OTHERS, other);
        long seconds = (System.nanoTime() - start) / 1_000_000_000;
        Runs all = lab.measure(shape);
        parallel(others, id -> lab.server().call("DELETE", "/v1/subscriptions/" + id, ""));
        double alone = ten.median().deliveries();
        double crowded = all.median().deliveries();
        return List.of(
                Row.of("ten subscriptions, all match", ten, Figures::deliveries).figure("%,.0f deliveries/s", alone),
                Row.of("10,000 subscriptions, ten match", all, Figures::deliveries)
                        .figure("%,.0f deliveries/s (made in %d s)", crowded, seconds)
                        .goal("within 10 % of ten", crowded >= 0.9 * alone)
                        .against("ten", alone, "/s", crowded));
    }

    static List<Row> backlog(Lab lab) throws Exception {
        State empty = state(lab, "empty queue");
        String type = lab.newType();
        List<String> lanes = subscribe(lab, LANES + HELD_LANES, type);
        for (String held : lanes.subList(LANES, LANES + HELD_LANES)) {
            lab.server().call("POST", "/v1/subscriptions/" + held + "/pause", "");
        }
        int rows = lab.scaled(ROWS);
        fill(lab, type, rows);
        List<Row> table = new ArrayList<>(rows(empty, empty));
        table.addAll(rows(state(lab, "%,d waiting + as many held".formatted(rows)), empty));
        try (Connection old = lab.server().connect();
                Statement statement = old.createStatement()) {
            old.setAutoCommit(false);
            old.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            statement.execute("select 1"); // from here on it has a snapshot
            table.addAll(rows(state(lab, "the same beside an old transaction"), empty));
            old.rollback();
        }
        parallel(lanes, id -> lab.server().call("DELETE", "/v1/subscriptions/" + id, ""));
        return table;
    }

    private static List<Row> rows(State state, State empty) {
        Figures full = state.full.median();
        Figures rated = state.rated.median();
        Row fullRow = Row.of("fan-out 1, " + state.name, state.full, Figures::deliveries)
                .figure("%,.0f/s", full.deliveries());
        Row ratedRow = Row.of("1,000 events/s, " + state.name, state.rated, Figures::deliveredP99)
                .figure("p99 %.1f ms", rated.deliveredP99());
        Row claimRow = Row.of("claims, " + state.name)
                .figure("%,.0f/s", state.claims.median())
                .spread(state.claims);
        if (state == empty) {
            return List.of(fullRow, ratedRow, claimRow);
        }
        double rate = empty.full.median().deliveries();
        double p99 = empty.rated.median().deliveredP99();
        double claims = empty.claims.median();
        return List.of(
                fullRow.goal("rate within 10 %", full.deliveries() >= 0.9 * rate)
                        .against("empty", rate, "/s", full.deliveries()),
                ratedRow.goal("latency within 10 %", rated.deliveredP99() <= 1.1 * p99)
                        .against("empty", p99, " ms", rated.deliveredP99()),
                claimRow.goal("claims within 10 %", state.claims.median() >= 0.9 * claims)
                        .against("empty", claims, "/s", state.claims.median()));
    }

    private static State state(Lab lab, String name) throws Exception {
        Runs full = lab.measure(Shape.full(lab.scaled(60_000), 1));
        Runs rated = lab.measure(Shape.rated(lab.scaled(10_000), 1, 1_000));
        List<Double> claims = new ArrayList<>();
        for (int i = 0; i < lab.runs(); i++) {
            claims.add(claims(lab));
        }
        return new State(name, full, rated, Spread.of(claims));
    }

    /** Deliveries per second of ten subscriptions that are resumed with a backlog: all come through the claim. */
    private static double claims(Lab lab) throws Exception {
        String type = lab.newType();
        List<String> lanes = lab.subscribe(type, 10);
        for (String lane : lanes) {
            lab.server().call("POST", "/v1/subscriptions/" + lane + "/pause", "");
        }
        int events = lab.scaled(40_000) / lanes.size();
        Account account = lab.receiver.account(events, lanes.size(), new BitSet());
        Shape batches = Shape.full(events, lanes.size()).withBatch(100);
        try (Producer producer = Lab.producer(lab.server(), account, type, batches)) {
            producer.start().get();
            long start = System.nanoTime();
            for (String lane : lanes) {
                lab.server().call("POST", "/v1/subscriptions/" + lane + "/resume", "");
            }
            account.awaitArrivals(Lab.PATIENCE);
            return account.arrived.get() / ((account.lastArrival.get() - start) / 1e9);
        } finally {
            lab.receiver.close(account);
            lab.server().unsubscribe(lanes);
        }
    }

    /** Deliveries of these lanes: those of active ones due within 30 days, those of paused ones at once. */
    private static void fill(Lab lab, String type, int rows) throws Exception {
        try (Statement statement = lab.connection().createStatement()) {
            statement.execute("""
                    with event as (
                      insert into event (id, tenant_id, ce_id, source, type, data_kind)
                      select uuidv7(), tenant_id, 'waiting', '/bench', '%1$s', 'none'
                      from subscription where config like '%%%1$s"%%' limit 1
                      returning id, tenant_id
                    ), lane as (
                      select id, state, row_number() over (partition by state order by id) - 1 as place
                      from subscription where config like '%%%1$s"%%' and deleted_at is null
                    ), wanted as materialized (
                      select uuidv7() as id, event.id as event_id, event.tenant_id, lane.id as lane,
                             case lane.state when 'paused' then now()
                                  else now() + interval '1 hour' + random() * interval '30 days' end as due_at
                      from generate_series(0, %2$d - 1) i
                      cross join (values ('active', %3$d), ('paused', %4$d)) as half(state, lanes)
                      join lane on lane.state = half.state and lane.place = i %% half.lanes
                      cross join event
                    ), history as (
                      insert into delivery (id, event_id, subscription_id, tenant_id, event_type, state)
                      select id, event_id, lane, tenant_id, '%1$s', 'pending' from wanted
                    )
                    insert into queue (id, subscription_id, due_at, queued_at, claim_no, attempts, step)
                    select id, lane, due_at, now(), 1, 0, 0 from wanted
                    """.formatted(type, rows, LANES, HELD_LANES));
            // as autovacuum would have done while they came in
            statement.execute("vacuum (analyze) queue");
            statement.execute("vacuum (analyze) delivery");
            statement.execute("checkpoint");
        }
    }

    private static List<String> subscribe(Lab lab, int count, String type) throws Exception {
        List<Integer> hooks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            hooks.add(i);
        }
        return parallel(hooks, hook -> lab.server().subscribe(type, lab.receiver.url(hook)));
    }

    @FunctionalInterface
    private interface Call<T, R> {
        R of(T subject) throws Exception;
    }

    private static <T, R> List<R> parallel(List<T> subjects, Call<T, R> call) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(REST_THREADS);
        try {
            List<Future<R>> results = new ArrayList<>();
            for (T subject : subjects) {
                results.add(threads.submit(() -> call.of(subject)));
            }
            List<R> all = new ArrayList<>();
            for (Future<R> result : results) {
                all.add(result.get());
            }
            return all;
        } finally {
            threads.shutdownNow();
        }
    }
}
