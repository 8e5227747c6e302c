package dev.fanfare.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes of one database, each beat made by hand, each clock moved by hand. */
class NodeRegistryStoreTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private static final UUID FLOOR = Ids.lowest(Rows.NOW);

    private final Rows rows = new Rows(postgres.tx());
    private final List<Node> nodes = new ArrayList<>();

    /** A process: its registry, its clocks, and what its listener was told. */
    private static final class Node implements NodeRegistry.Listener {
        private final List<UUID> expelled = new ArrayList<>();
        private final List<Long> routingVersions = new ArrayList<>();
        private final List<Boolean> mightStartWhenExpelled = new ArrayList<>();
        private final UUID place;
        private final NodeRegistry registry;
        private long nanos = System.nanoTime();
        private long millis = Rows.NOW.toEpochMilli();

        Node(UUID place) {
            this.place = place;
            registry = new NodeRegistry(postgres.ownConnection(), new DbClock(), () -> nanos, () -> millis);
            registry.listen(this);
        }

        void join() {
            registry.join(place, () -> FLOOR);
        }

        void forward(Duration time) {
            nanos += time.toNanos();
            millis += time.toMillis();
        }

        /** A second later, a beat. */
        void beat() {
            forward(Duration.ofSeconds(1));
            registry.beatSafely();
        }

        void beats(int count) {
            for (int i = 0; i < count; i++) {
                beat();
            }
        }

        @Override
        public void beat(long routingVersion) {
            routingVersions.add(routingVersion);
        }

        @Override
        public void expelled(UUID formerId) {
            expelled.add(formerId);
            mightStartWhenExpelled.add(registry.registered() || registry.mayStartAttempts());
        }
    }

    private Node process(UUID place) {
        Node node = new Node(place);
        nodes.add(node);
        return node;
    }

    private Node joined() {
        Node node = process(UUID.randomUUID());
        node.join();
        return node;
    }

    @AfterEach
    void all_leave() {
        nodes.forEach(node -> node.registry.stop());
    }

    private Map<String, Object> row(UUID id) {
        return rows.all("select * from node where id = ?", id).get(0);
    }

    private boolean lives(UUID id) {
        return row(id).get("gone_at") == null;
    }

    /** The beats' connections break, as when the database is started anew. */
    private void breakConnections() {
        assertThat(rows.all("""
                        select pg_terminate_backend(pid, 5000) from pg_stat_activity
                        where application_name = 'fanfare-beat' and datname = current_database()""")).isNotEmpty();
    }

    @Test
    void who_registers_in_a_place_removes_its_predecessor_at_once_and_nobody_else() {
        UUID place = UUID.randomUUID();
        Node killed = process(place);
        killed.join();
        Node other = joined();

        Node restarted = process(place);
        restarted.join();

        assertThat(restarted.registry.id()).isNotEqualTo(killed.registry.id());
        assertThat(lives(killed.registry.id())).isFalse();
        assertThat(lives(restarted.registry.id())).isTrue();
        assertThat(lives(other.registry.id())).isTrue();
        assertThat(row(restarted.registry.id())).containsEntry("place", place).containsEntry("floor", FLOOR);
    }

    @Test
    void a_beat_raises_the_counter_and_brings_the_routing_version() {
        Node node = joined();
        rows.run("update instance set routing_version = 7");

        node.beats(2);

        assertThat(row(node.registry.id())).containsEntry("beat", 2L).containsEntry("floor", FLOOR);
        assertThat(node.routingVersions).containsExactly(7L, 7L);
        assertThat(node.expelled).isEmpty();
    }

    private void isExpelledByItsNextBeat(Node node) {
        UUID former = node.registry.id();

        node.beat();

        assertThat(node.expelled).containsExactly(former);
        assertThat(node.mightStartWhenExpelled).containsExactly(false);
        assertThat(lives(former)).isFalse();
        assertThat(node.registry.id()).isNotEqualTo(former);
        assertThat(lives(node.registry.id())).isTrue();
        assertThat(node.registry.registered()).isTrue();

        node.beat();

        assertThat(row(node.registry.id())).containsEntry("beat", 1L);
        assertThat(node.expelled).containsExactly(former);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void a_node_whose_database_lost_beats_drops_its_claims_and_registers_anew(int lost) {
        Node node = joined();
        node.beats(3);
        rows.run("update node set beat = beat - ? where id = ?", lost, node.registry.id());

        isExpelledByItsNextBeat(node);
    }

    @Test
    void what_was_in_flight_before_beats_were_lost_is_above_the_floor_of_the_gone_node() {
        Node node = joined();
        node.beats(3);
        UUID former = node.registry.id();
        UUID then = Ids.lowest(Rows.NOW.minusSeconds(60));
        rows.run("update node set beat = beat - 1, floor = ? where id = ?", then, former);

        isExpelledByItsNextBeat(node);

        assertThat(row(former)).containsEntry("floor", then);
    }

    @Test
    void a_node_whose_row_is_lost_leaves_a_gone_one_and_registers_anew() {
        Node node = joined();
        node.beats(3);
        rows.run("delete from node where id = ?", node.registry.id());

        isExpelledByItsNextBeat(node);
    }

    @Test
    void the_gone_row_of_a_lost_one_is_written_when_the_database_is_back() {
        Node node = joined();
        node.beats(3);
        UUID former = node.registry.id();
        rows.run("delete from node where id = ?", former);
        rows.run("alter table node add constraint nobody_is_gone check (gone_at is null)");
        try {
            node.beat();
        } finally {
            rows.run("alter table node drop constraint nobody_is_gone");
        }
        assertThat(node.registry.registered()).isFalse();
        assertThat(node.registry.mayStartAttempts()).isFalse();

        node.beat();

        assertThat(lives(former)).isFalse();
        assertThat(node.registry.id()).isNotEqualTo(former);
        assertThat(lives(node.registry.id())).isTrue();
        assertThat(node.expelled).containsExactly(former);
    }

    @Test
    void an_answer_that_was_lost_with_its_beat_expels_nobody() {
        Node node = joined();
        node.beats(3);
        rows.run("update node set beat = beat + 1 where id = ?", node.registry.id());

        node.beat();

        assertThat(node.expelled).isEmpty();
        assertThat(node.registry.mayStartAttempts()).isTrue();
    }

    @Test
    void a_node_that_stops_beating_is_declared_gone_and_learns_it_with_its_next_beat() {
        Node watcher = joined();
        Node silent = joined();
        Node beating = joined();
        UUID id = silent.registry.id();
        for (int second = 0; second < 6; second++) {
            watcher.beat();
            beating.beat();
        }
        assertThat(lives(id)).isTrue();

        watcher.beat();

        assertThat(lives(id)).isFalse();
        assertThat(lives(watcher.registry.id())).isTrue();
        assertThat(lives(beating.registry.id())).isTrue();
        isExpelledByItsNextBeat(silent);
    }

    @Test
    void a_failed_beat_forgets_what_was_seen_so_an_outage_kills_nobody() {
        Node watcher = joined();
        UUID silent = rows.node();
        watcher.beats(6);
        long seen = watcher.routingVersions.size();
        breakConnections();

        watcher.beat();
        assertThat(watcher.routingVersions)
                .as("the failed beat is told to nobody")
                .hasSize((int) seen);
        watcher.forward(Duration.ofSeconds(30));
        watcher.beats(6);

        assertThat(lives(silent)).isTrue();
        assertThat(watcher.expelled).isEmpty();
        watcher.beat();
        assertThat(lives(silent)).isFalse();
    }

    @Test
    void no_attempt_starts_before_a_node_has_registered_nor_after_it_has_left() {
        Node node = process(UUID.randomUUID());
        assertThat(node.registry.mayStartAttempts()).isFalse();

        node.join();
        assertThat(node.registry.mayStartAttempts()).isTrue();

        node.registry.stop();
        assertThat(node.registry.mayStartAttempts()).isFalse();
        assertThat(lives(node.registry.id())).isFalse();
    }

    @Test
    void attempts_start_until_the_last_good_beat_is_four_seconds_old() {
        Node node = joined();
        node.beat();
        node.forward(NodeRegistry.FENCE.minusMillis(1));
        assertThat(node.registry.mayStartAttempts()).isTrue();

        node.forward(Duration.ofMillis(1));
        assertThat(node.registry.mayStartAttempts()).isFalse();

        breakConnections();
        node.beat();
        assertThat(node.registry.mayStartAttempts())
                .as("a failed beat lets nothing start")
                .isFalse();
        node.beat();
        assertThat(node.registry.mayStartAttempts()).isTrue();
    }

    @Test
    void either_clock_alone_stops_attempts() {
        Node node = joined();
        node.nanos += NodeRegistry.FENCE.toNanos();
        assertThat(node.registry.mayStartAttempts())
                .as("the process stood still")
                .isFalse();

        node.registry.beatSafely();
        assertThat(node.registry.mayStartAttempts()).isTrue();
        node.millis += NodeRegistry.FENCE.toMillis();
        assertThat(node.registry.mayStartAttempts()).as("the machine slept").isFalse();
    }

    @Test
    void a_node_that_cannot_register_may_start_nothing() {
        Node node = process(UUID.randomUUID());
        rows.run("alter table node add constraint nobody_joins check (place is null) not valid");
        try {
            assertThatThrownBy(node::join).isInstanceOf(DatabaseException.class);
        } finally {
            rows.run("alter table node drop constraint nobody_joins");
        }
        assertThat(node.registry.registered()).isFalse();
        assertThat(node.registry.mayStartAttempts()).isFalse();
    }
}
