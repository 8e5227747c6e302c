package dev.fanfare.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.model.Model.Job;
import dev.fanfare.model.Model.Lane;
import dev.fanfare.platform.Sql;
import dev.fanfare.testing.Invariants;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Compares all that the tables hold with all that the model says. */
final class Account {
    private final World world;
    private final Model model;

    Account(World world) {
        this.world = world;
        this.model = world.model;
    }

    /** Everything in the tables is what the model says. */
    void check() {
        Map<UUID, Row> found = World.byId(
                world.tx.statement(c -> Sql.of(c, Row.SELECT + "true").list(Row::read)));
        assertThat(model.differences(found)).as("step %d", world.step).isEmpty();
        List<UUID> subscriptions =
                world.tx.statement(c -> Sql.of(c, "select id from subscription").list(row -> Sql.uuid(row, "id")));
        assertThat(subscriptions).containsExactlyInAnyOrderElementsOf(model.lanes.keySet());
        checkGates();
        checkJobs();
        Invariants.hold(world.tx);
    }

    private void checkGates() {
        Map<UUID, String> told = new HashMap<>();
        for (Lane lane : model.lanes.values()) {
            if (lane.gate != null) {
                told.put(lane.id, lane.gate.sinkRevision() + " " + lane.gate.until());
            }
        }
        Map<UUID, String> found = new HashMap<>();
        world.tx.statement(c -> Sql.of(c, "select * from gate")
                .list(row -> found.put(
                        Sql.uuid(row, "subscription_id"),
                        row.getInt("sink_revision") + " " + Sql.instant(row, "closed_until"))));
        found.keySet().retainAll(model.lanes.keySet());
        assertThat(found).as("gates").isEqualTo(told);
    }

    private void checkJobs() {
        List<UUID> over = new ArrayList<>();
        world.tx.statement(c -> Sql.of(c, "select * from replay").list(row -> {
            UUID id = Sql.uuid(row, "id");
            Job job = model.jobs.get(id);
            if (job != null) {
                assertThat("%d %d %d %d %d"
                                .formatted(
                                        row.getInt("queued"),
                                        row.getInt("delivered"),
                                        row.getInt("failed"),
                                        row.getInt("cancelled"),
                                        row.getInt("left")))
                        .as("queued, delivered, failed, cancelled, left of replay %s", id)
                        .isEqualTo(
                                "%d %d %d %d %d".formatted(job.queued, job.delivered, job.failed, job.ended, job.left));
                if (!row.getString("state").equals("running") && row.getInt("open") == 0) {
                    over.add(id);
                }
            }
            return id;
        }));
        over.forEach(model.jobs::remove);
    }
}
