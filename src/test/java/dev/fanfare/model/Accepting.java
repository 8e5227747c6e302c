package dev.fanfare.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.ingest.Acceptance;
import dev.fanfare.ingest.Accepted;
import dev.fanfare.model.Model.Known;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.Sql;
import dev.fanfare.subscription.LiveSubscription;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The accept of one request by one node, and what it must have come to. */
final class Accepting {
    private final World world;
    private final Model model;
    private final Map<Node, Acceptance> writers = new HashMap<>();

    Accepting(World world) {
        this.world = world;
        this.model = world.model;
    }

    /**
     * Accepts one request: stored whole with a delivery for whoever wants each event, or not at all; copies are told so.
     *
     * @param only the subscription of a test event; null: whoever wants the events
     */
    boolean accept(Node node, List<WireEvent> events, @Nullable LiveSubscription only) {
        world.mayBreak(2, 2);
        List<Accepted> answer = writers.computeIfAbsent(
                        node, by -> new Acceptance(world.breaking, by.directory, by.places))
                .accept(World.TENANT, events, only);
        boolean whole = world.database.mend();
        if (whole) {
            assertThat(answer.isEmpty()).as("refused").isEqualTo(!world.lives(node.id()));
        }
        Map<String, WireEvent> firsts = new LinkedHashMap<>();
        events.stream()
                .filter(event -> model.known(event.id()) == null)
                .forEach(event -> firsts.putIfAbsent(event.id(), event));
        Map<String, UUID> stored = stored(firsts.keySet());
        if (!answer.isEmpty()) {
            assertThat(stored).as("acknowledged").containsOnlyKeys(firsts.keySet());
        } else {
            assertThat(stored.size()).as("a request is stored whole").isIn(0, firsts.size());
        }
        stored.forEach((id, event) ->
                deliveriesOf(node, event, Objects.requireNonNull(firsts.get(id)), only, !answer.isEmpty()));
        Set<String> seen = new LinkedHashSet<>();
        for (int i = 0; i < answer.size(); i++) {
            boolean isFirst = firsts.containsKey(events.get(i).id())
                    && seen.add(events.get(i).id());
            isAnswered(answer.get(i), events.get(i), isFirst);
        }
        return true;
    }

    private Map<String, UUID> stored(Set<String> ids) {
        Map<String, UUID> stored = new LinkedHashMap<>();
        if (!ids.isEmpty()) {
            world.tx.statement(c -> Sql.of(
                            c, "select ce_id, id from event where ce_id = any(?) and id between ? and ? order by ce_id")
                    .texts(ids, id -> id)
                    .set(Ids.lowest(world.now()))
                    .set(Ids.highest(world.now()))
                    .list(row -> stored.put(row.getString("ce_id"), Sql.uuid(row, "id"))));
        }
        return stored;
    }

    private void deliveriesOf(
            Node node, UUID event, WireEvent sent, @Nullable LiveSubscription only, boolean answered) {
        model.remember(sent, event);
        List<Row> found = new ArrayList<>(
                world.tx.statement(c -> Sql.of(c, Row.SELECT + "d.event_id = ? and d.id between ? and ?")
                        .set(event)
                        .set(Ids.lowest(world.now()))
                        .set(Ids.highest(world.now()))
                        .list(Row::read)));
        List<UUID> order = List.copyOf(model.lanes.keySet());
        found.sort(Comparator.comparingInt(row -> order.indexOf(row.subscription())));
        Set<UUID> wanting = only == null ? model.wanting(sent.type(), world.now()) : Set.of(only.id());
        assertThat(found)
                .as("deliveries of a %s at %s to %s", sent.type(), world.now(), model.lanes.values())
                .extracting(Row::subscription)
                .containsExactlyInAnyOrderElementsOf(wanting);
        for (Row row : found) {
            boolean held = node.memory.holds(row.id(), 1);
            UUID holder = held || row.node() != null ? node.id() : null;
            if (answered) {
                assertThat(held).as("held").isEqualTo(row.node() != null);
            }
            assertThat(row).isEqualTo(Row.accepted(row.id(), event, row.subscription(), holder, world.now()));
        }
        model.become(found);
    }

    private void isAnswered(Accepted accepted, WireEvent event, boolean isFirst) {
        Known known = Objects.requireNonNull(model.known(event.id()));
        assertThat(accepted.event()).isEqualTo(known.event());
        assertThat(accepted.same())
                .as("the same as the first copy")
                .isEqualTo(
                        isFirst
                                ? null
                                : (Boolean) event.type().equals(known.first().type()));
        assertThat(accepted.deliveries())
                .hasSize(
                        isFirst
                                ? model.where(row -> row.event().equals(known.event()))
                                        .size()
                                : 0);
    }
}
