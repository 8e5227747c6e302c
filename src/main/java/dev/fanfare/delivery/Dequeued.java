package dev.fanfare.delivery;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import dev.fanfare.platform.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the queue knew of a delivery that has left it for good; history and its replay count on from there. */
record Dequeued(
        UUID id,
        UUID subscriptionId,
        @Nullable UUID replayId,
        int claimNumber,
        int attempts,
        @Nullable Integer lastStatus) {

    /** The columns of {@code queue} that {@link #read} needs, for a {@code returning}. */
    static final String COLUMNS = "id, subscription_id, replay_id, claim_no, attempts, last_status";

    static Dequeued read(ResultSet rows) throws SQLException {
        return new Dequeued(
                Sql.uuid(rows, "id"),
                Sql.uuid(rows, "subscription_id"),
                rows.getObject("replay_id", UUID.class),
                rows.getInt("claim_no"),
                rows.getInt("attempts"),
                rows.getObject("last_status", Integer.class));
    }

    /** Takes a node's claims out of the queue; what it does not hold any more stays, and is not returned. */
    static List<Dequeued> take(Connection connection, UUID node, Collection<Claim> claims) throws SQLException {
        return Sql.of(connection, """
                        delete from queue
                        -- "is not distinct from": the index on node must not tempt the planner, ids are surer
                        where id = any(?) and node is not distinct from ?
                          and ((id, claim_no) in (select * from unnest(?, ?))) is true
                        returning %s""".formatted(COLUMNS))
                .uuids(claims, Claim::id)
                .set(node)
                .uuids(claims, Claim::id)
                .ints(claims, Claim::number)
                .list(Dequeued::read);
    }

    static Map<End, List<UUID>> byEnd(Collection<Dequeued> all, DeliveryState state, Reason reason) {
        return all.stream()
                .collect(groupingBy(
                        one -> new End(state, reason, one.lastStatus, one.attempts, one.claimNumber),
                        mapping(Dequeued::id, toList())));
    }
}
