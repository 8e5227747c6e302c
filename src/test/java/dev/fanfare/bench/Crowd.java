package dev.fanfare.bench;

import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The same load beside much that does not concern it: other subscriptions, waiting and held deliveries. */
final class Crowd {
    private static final int RUNS = 3;
    private static final int OTHERS = 9_990;
    private static final int LANES = 1_000;
    private static final int HELD_LANES = 10;
    private static final int REST_THREADS = 8;
    private static final int ROWS = 1_000_000;

    /** What must not change. */
    private record State(String name, Figures full, Figures rated, double claimed) {}

    private Crowd() {}

    static List<Row> subscriptions(Lab lab) throws Exception {
        Shape shape = Shape.full(lab.scaled(20_000), 10);
        Figures ten = lab.measure(shape, RUNS);
        String other = lab.newType();
        long start = System.nanoTime();
        List<String> others = subscribe(lab, OTHERS, other);
        long seconds = (System.nanoTime() - start) / 1_000_000_000;
        Figures all = lab.measure(shape, RUNS);
        parallel(others, id -> lab.server().call("DELETE", "/v1/subscriptions/" + id, ""));
        return List.of(
                Row.of("ten subscriptions, all match", ten),
                Row.of("10,000 subscriptions, ten match", all)
                        .figure("%.2f of ten alone (made in %d s)", all.deliveries() / ten.deliveries(), seconds)
                        .goal("within 10 %", all.deliveries() >= 0.9 * ten.deliveries()));
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
        Row full = Row.of("fan-out 1, " + state.name, state.full);
        Row rated = Row.of("1,000 events/s, " + state.name, state.rated);
        Row claim = Row.of("claims, " + state.name, null).figure("%,.0f/s", state.claimed);
        if (state == empty) {
            return List.of(full, rated, claim);
        }
        return List.of(
                full.figure("%.2f of empty", state.full.deliveries() / empty.full.deliveries())
                        .goal("rate within 10 %", state.full.deliveries() >= 0.9 * empty.full.deliveries()),
                rated.figure("p99 %.2f × empty", state.rated.deliveredP99() / empty.rated.deliveredP99())
                        .goal("latency within 10 %", state.rated.deliveredP99() <= 1.1 * empty.rated.deliveredP99()),
                claim.figure("%.2f of empty", state.claimed / empty.claimed)
                        .goal("claims within 10 %", state.claimed >= 0.9 * empty.claimed));
    }

    private static State state(Lab lab, String name) throws Exception {
        return new State(
                name,
                lab.measure(Shape.full(lab.scaled(60_000), 1), RUNS),
                lab.measure(Shape.rated(lab.scaled(10_000), 1, 1_000), RUNS),
                claims(lab));
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
        try (Producer producer =
                lab.producer(account, type, Shape.full(events, 10).withBatch(100))) {
            producer.start().get(1, TimeUnit.MINUTES);
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
