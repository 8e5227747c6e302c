package dev.fanfare.model;

import dev.fanfare.model.Model.Lane;
import dev.fanfare.platform.Sql;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Changes subscriptions as the API does. */
final class Lanes {
    private final World world;
    private final Model model;

    Lanes(World world) {
        this.world = world;
        this.model = world.model;
    }

    /** Writes a subscription as the API does, and lets one node know at once. */
    void write(Lane lane, Node by) {
        lane.changed = world.tick();
        model.lanes.put(lane.id, lane);
        world.tx.statement(c -> Sql.of(c, """
                        with installation as (update instance set routing_version = routing_version + 1),
                        raised as (
                          update tenant set routing_version = routing_version + 1 where id = ?
                          returning id, routing_version)
                        insert into subscription (id, tenant_id, state, state_reason, state_since, config, sink_revision,
                                                  routing_version, created_at, updated_at, deleted_at)
                        select ?, raised.id, ?, ?, ?, ?, ?, raised.routing_version, ?, ?, ? from raised
                        on conflict (id) do update
                        set state = excluded.state, state_reason = excluded.state_reason,
                            state_since = excluded.state_since, sink_revision = excluded.sink_revision,
                            routing_version = excluded.routing_version, deleted_at = excluded.deleted_at""")
                .set(World.TENANT)
                .set(lane.id)
                .set(lane.state)
                .set(lane.reason)
                .set(lane.since)
                .set(config(lane))
                .set(Integer.valueOf(lane.sinkRevision))
                .set(world.now())
                .set(world.now())
                .set(lane.deletedAt)
                .update());
        by.learn();
    }

    private static String config(Lane lane) {
        String types = lane.type == null ? "" : ",\"types\":[\"%s\"]".formatted(lane.type);
        return """
                {"sink":"https://receiver.example/"%s,"protocolsettings":{"maxinflight":%d,
                 "retry":{"schedule":["PT5S","PT10M"],"jitter":0,"maxage":"PT1H","final":[400]}}}""".formatted(types, Node.MOST_INFLIGHT);
    }

    void setState(Lane lane, String state, @Nullable String reason, Node by) {
        lane.state = state;
        lane.reason = reason;
        lane.since = world.now();
        lane.deletedAt = state.equals("deleted") ? world.now() : null;
        write(lane, by);
    }

    /** A new sink is not bound by the Retry-After of the old one. */
    void moveSink(Lane lane, Node by) {
        lane.sinkRevision++;
        lane.gate = null;
        world.tx.statement(c -> Sql.of(c, "delete from gate where subscription_id = ?")
                .set(lane.id)
                .update());
        write(lane, by);
    }

    /** The receiver said 410. Returns whether the subscription is disabled with the sink that was attempted. */
    boolean disable(UUID id, int sinkRevision, Node by) {
        Lane lane = model.lanes.get(id);
        if (lane == null || lane.deletedAt != null || lane.sinkRevision != sinkRevision) {
            return false;
        }
        if (!lane.state.equals("disabled")) {
            setState(lane, "disabled", "gone", by);
        }
        return true;
    }

    /** Whether the table has the lane closed until then. */
    boolean gateIs(Lane lane, Instant until) {
        return world.tx
                .statement(c -> Sql.of(c, "select closed_until from gate where subscription_id = ?")
                        .set(lane.id)
                        .list(row -> Sql.instant(row, "closed_until")))
                .contains(until);
    }
}
