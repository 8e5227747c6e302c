package dev.fanfare.cluster;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.cluster.FlakyReceiver.Arrival;
import dev.fanfare.platform.Sql;
import dev.fanfare.testing.Invariants;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** What became of each event of a source at each subscription: in the database, and on the wire. */
final class Account {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /**
     * A delivery.
     *
     * @param attempts kept of it
     */
    record Line(
            UUID id,
            int event,
            UUID subscription,
            String state,
            @Nullable String reason,
            int attempts) {}

    private record Pair(int event, UUID subscription) {}

    /** A try as its receiver saw it. */
    private record Try(UUID delivery, int attempt) {}

    private final List<Line> lines;
    private final Map<UUID, List<Arrival>> arrivals;

    private Account(List<Line> lines, List<Arrival> arrivals) {
        Set<UUID> ids = lines.stream().map(Line::id).collect(toSet());
        this.lines = lines;
        this.arrivals = arrivals.stream()
                .filter(arrival -> ids.contains(arrival.delivery()))
                .collect(groupingBy(Arrival::delivery));
    }

    /** Waits until nothing of the source is under way, looks whether the tables agree, and reads them. */
    static Account close(DrilledPostgres postgres, String source, FlakyReceiver receiver) {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .untilAsserted(
                        () -> assertThat(postgres.count("""
                        fanfare.delivery d join fanfare.event e on e.id = d.event_id
                        where d.state in ('pending', 'inflight') and e.source = '%s'""".formatted(source))).isZero());
        Invariants.holdAtRest(postgres.tx());
        List<Line> lines = postgres.tx().statement(connection -> Sql.of(connection, """
                        select d.id, substr(e.ce_id, 2)::int as event, d.subscription_id, d.state, d.reason,
                               coalesce(kept.attempts, 0) as attempts
                        from event e join delivery d on d.event_id = e.id
                        left join (select delivery_id, count(*) as attempts from attempt group by delivery_id) kept
                          on kept.delivery_id = d.id
                        where e.source = ?""")
                .set(source)
                .list(row -> new Line(
                        Sql.uuid(row, "id"),
                        row.getInt("event"),
                        Sql.uuid(row, "subscription_id"),
                        row.getString("state"),
                        row.getString("reason"),
                        row.getInt("attempts"))));
        return new Account(lines, receiver.arrivals());
    }

    /** Each of these events has one delivery for each subscription to its type, which has arrived, or is dead and says why. */
    Account isComplete(Set<Integer> events, List<UUID> subscriptions, int types) {
        Set<Pair> wanted = new HashSet<>();
        for (int event : events) {
            for (int n = event % types; n < subscriptions.size(); n += types) {
                wanted.add(new Pair(event, subscriptions.get(n)));
            }
        }
        Set<Pair> found = lines.stream()
                .map(line -> new Pair(line.event(), line.subscription()))
                .collect(toSet());
        assertThat(found.equals(wanted))
                .as("lost: %s, strange: %s", minus(wanted, found), minus(found, wanted))
                .isTrue();
        assertThat(lines).as("one for each").hasSize(found.size());
        assertThat(lines.stream().filter(line -> line.state().equals("delivered") && taken(line) == 0))
                .as("delivered, and nobody has it")
                .isEmpty();
        assertThat(lines.stream()
                        .filter(line -> !line.state().equals("delivered"))
                        .filter(line -> !(line.state() + line.reason()).equals("deadexhausted")))
                .isEmpty();
        return this;
    }

    /**
     * Each try has gone out once and is kept, and nothing is sent again that has been taken; but for deliveries that a
     * node had when it was killed or frozen.
     */
    Account repeatsOnly(Set<UUID> lost) {
        assertThat(minus(repeated(), lost)).as("sent twice").isEmpty();
        assertThat(lines.stream()
                        .filter(line -> !lost.contains(line.id()))
                        .filter(line -> arrivalsOf(line).size() != line.attempts() || taken(line) > 1))
                .as("sent, and not written down; or sent again although it was taken")
                .isEmpty();
        return this;
    }

    /** Deliveries of which one try has gone out more than once. */
    Set<UUID> repeated() {
        return arrivals.values().stream()
                .flatMap(List::stream)
                .collect(toMap(arrival -> new Try(arrival.delivery(), arrival.attempt()), arrival -> 1, Integer::sum))
                .entrySet()
                .stream()
                .filter(tries -> tries.getValue() > 1)
                .map(tries -> tries.getKey().delivery())
                .collect(toSet());
    }

    /** Tries that went out more than once, all of them after that moment. */
    long repeatedSince(long nanos) {
        return arrivals.values().stream()
                .flatMap(List::stream)
                .collect(groupingBy(arrival -> new Try(arrival.delivery(), arrival.attempt())))
                .values()
                .stream()
                .filter(tries -> tries.size() > 1)
                .filter(tries -> tries.stream().allMatch(arrival -> arrival.nanos() - nanos > 0))
                .count();
    }

    /** From that moment until the last of these deliveries has come after it: in seconds. */
    double secondsUntilAllCame(Set<UUID> deliveries, long nanos) {
        return deliveries.stream()
                        .flatMap(id -> arrivals.getOrDefault(id, List.of()).stream()
                                .mapToLong(arrival -> arrival.nanos() - nanos)
                                .filter(later -> later > 0)
                                .boxed()
                                .limit(1))
                        .mapToLong(Long::longValue)
                        .max()
                        .orElse(0)
                / 1e9;
    }

    private List<Arrival> arrivalsOf(Line line) {
        return arrivals.getOrDefault(line.id(), List.of());
    }

    private long taken(Line line) {
        return arrivalsOf(line).stream().filter(Arrival::taken).count();
    }

    private static <T> Set<T> minus(Set<T> all, Set<T> some) {
        Set<T> rest = new HashSet<>(all);
        rest.removeAll(some);
        return rest;
    }

    @Override
    public String toString() {
        long delivered =
                lines.stream().filter(line -> line.state().equals("delivered")).count();
        return "%,d deliveries: %,d delivered, %,d dead; %,d tries, %,d of them twice"
                .formatted(
                        lines.size(),
                        delivered,
                        lines.size() - delivered,
                        arrivals.values().stream().mapToInt(List::size).sum(),
                        repeated().size());
    }
}
