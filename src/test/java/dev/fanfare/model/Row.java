package dev.fanfare.model;

import dev.fanfare.delivery.Claim;
import dev.fanfare.delivery.Settlement;
import dev.fanfare.delivery.Verdict;
import dev.fanfare.platform.Sql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A delivery as history, queue and attempts have it together, or as it should be: one value, so that they compare whole.
 * The transitions are those of the stores, written down a second time, without SQL.
 *
 * @param claim the claim number, the queue's where it has a row there; so are attempts, status and reason
 * @param tries attempts by claim number; true: it came late
 */
record Row(
        UUID id,
        UUID event,
        UUID subscription,
        String state,
        @Nullable String reason,
        int claim,
        int attempts,
        @Nullable Integer status,
        @Nullable UUID node,
        @Nullable Instant settledAt,
        @Nullable Place queue,
        SortedMap<Integer, Boolean> tries) {

    /** What only the queue knows. */
    record Place(
            @Nullable Instant dueAt,
            Instant queuedAt,
            @Nullable Instant firstAttemptAt,
            int step,
            int lost,
            @Nullable UUID replay,
            @Nullable String wasState,
            @Nullable String wasReason) {

        static Place at(Instant now) {
            return new Place(now, now, null, 0, 0, null, null, null);
        }

        Place due(@Nullable Instant time) {
            return new Place(time, queuedAt, firstAttemptAt, step, lost, replay, wasState, wasReason);
        }

        Place lost(int more) {
            return new Place(dueAt, queuedAt, firstAttemptAt, step, lost + more, replay, wasState, wasReason);
        }

        Place of(@Nullable UUID job, @Nullable String was, @Nullable String wasBecause) {
            return new Place(dueAt, queuedAt, firstAttemptAt, step, lost, job, was, wasBecause);
        }
    }

    /** As an accept leaves it: handed to a node, or waiting. */
    static Row accepted(UUID id, UUID event, UUID subscription, @Nullable UUID node, Instant now) {
        return new Row(
                id,
                event,
                subscription,
                node == null ? "pending" : "inflight",
                null,
                1,
                0,
                null,
                node,
                null,
                node == null ? Place.at(now) : null,
                new TreeMap<>());
    }

    boolean waits() {
        return queue != null && queue.dueAt() != null;
    }

    boolean isFinal() {
        return settledAt != null;
    }

    boolean isHeldBy(Claim held) {
        return held.node().equals(node) && claim == held.number();
    }

    @Nullable
    UUID replay() {
        return queue == null ? null : queue.replay();
    }

    Instant dueAt() {
        return Objects.requireNonNull(place().dueAt());
    }

    Place place() {
        return Objects.requireNonNull(queue);
    }

    private Row moved(@Nullable UUID holder, int number, Place place) {
        return new Row(
                id, event, subscription, "pending", reason, number, attempts, status, holder, null, place, tries);
    }

    Row claimedBy(UUID by) {
        return moved(by, claim + 1, place().due(null));
    }

    /** Not attempted by whoever held it, and due at that time. */
    Row back(Instant due, int lost) {
        return moved(null, claim, (queue == null ? Place.at(due) : queue.due(due)).lost(lost));
    }

    Row hastened(Instant now) {
        return moved(null, claim, place().due(earlier(dueAt(), now)));
    }

    Row madeDue(UUID job, Instant now) {
        return moved(null, claim, place().due(earlier(dueAt(), now)).of(job, "pending", null));
    }

    Row revived(UUID job, Instant now) {
        Place place = Place.at(now).of(job, state, reason);
        return new Row(id, event, subscription, "pending", null, claim, attempts, status, null, null, place, tries);
    }

    /** As a new delivery that repeats another one. */
    Row repeating(UUID job) {
        return moved(null, claim, place().of(job, null, null));
    }

    /** The replay that brought it is cancelled. */
    Row unwound(Instant now) {
        if ("pending".equals(place().wasState())) {
            return moved(null, claim, place().of(null, null, place().wasReason()));
        }
        String was = place().wasState();
        return was == null ? ended("cancelled", "replaycancelled", now) : ended(was, place().wasReason(), now);
    }

    /** Final without another attempt. */
    Row ended(String as, @Nullable String because, Instant now) {
        return new Row(id, event, subscription, as, because, claim, attempts, status, null, now, null, tries);
    }

    /** After an attempt that it was still claimed for. */
    Row settled(Settlement s, Instant now) {
        Integer answer =
                s.outcome().status() == 0 ? null : Integer.valueOf(s.outcome().status());
        SortedMap<Integer, Boolean> more = with(claim, false);
        if (!(s.verdict() instanceof Verdict.Retry retry)) {
            String because = s.deadBecause() == null ? null : s.deadBecause().word();
            return new Row(
                    id,
                    event,
                    subscription,
                    s.state().name().toLowerCase(Locale.ROOT),
                    because,
                    claim,
                    attempts + 1,
                    answer,
                    null,
                    now,
                    null,
                    more);
        }
        Place before = queue == null ? Place.at(now) : queue;
        Place place = new Place(
                retry.dueAt().isBefore(now) ? now : retry.dueAt(),
                before.queuedAt(),
                s.firstAttemptAt(),
                retry.step(),
                before.lost(),
                before.replay(),
                before.wasState(),
                before.wasReason());
        String failure = Objects.requireNonNull(s.outcome().failure()).word();
        return new Row(
                id, event, subscription, "pending", failure, claim, attempts + 1, answer, null, null, place, more);
    }

    /** After an attempt whose claim had been taken over. */
    Row late(Claim of) {
        return withTries(with(of.number(), true));
    }

    Row withTries(SortedMap<Integer, Boolean> others) {
        return new Row(id, event, subscription, state, reason, claim, attempts, status, node, settledAt, queue, others);
    }

    private SortedMap<Integer, Boolean> with(int number, boolean late) {
        SortedMap<Integer, Boolean> more = new TreeMap<>(tries);
        more.putIfAbsent(number, late);
        return more;
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static final Pattern COMMA = Pattern.compile(",");

    /** Reads rows; to be followed by a condition on {@code d}. */
    static final String SELECT = """
            select d.id, d.event_id, d.subscription_id, d.state,
                   case when q.id is null then d.reason else q.reason end as reason,
                   coalesce(q.claim_no, d.claim_no) as claim_no,
                   coalesce(q.attempts, d.attempts) as attempts,
                   case when q.id is null then d.last_status else q.last_status end as last_status,
                   case when q.id is null then d.node else q.node end as node, d.settled_at,
                   q.due_at, q.queued_at, q.first_attempt_at, q.step, q.lost, q.replay_id, q.was_state, q.was_reason,
                   (select string_agg(a.claim_no || case when a.late then ' late' else '' end, ',')
                    from attempt a where a.delivery_id = d.id) as tries
            from delivery d left join queue q on q.id = d.id
            where\s""";

    static Row read(ResultSet row) throws SQLException {
        Instant queuedAt = Sql.instant(row, "queued_at");
        Place place = queuedAt == null
                ? null
                : new Place(
                        Sql.instant(row, "due_at"),
                        queuedAt,
                        Sql.instant(row, "first_attempt_at"),
                        row.getInt("step"),
                        row.getInt("lost"),
                        row.getObject("replay_id", UUID.class),
                        row.getString("was_state"),
                        row.getString("was_reason"));
        return new Row(
                Sql.uuid(row, "id"),
                Sql.uuid(row, "event_id"),
                Sql.uuid(row, "subscription_id"),
                row.getString("state"),
                row.getString("reason"),
                row.getInt("claim_no"),
                row.getInt("attempts"),
                row.getObject("last_status", Integer.class),
                row.getObject("node", UUID.class),
                Sql.instant(row, "settled_at"),
                place,
                tries(row.getString("tries")));
    }

    private static SortedMap<Integer, Boolean> tries(@Nullable String text) {
        SortedMap<Integer, Boolean> tries = new TreeMap<>();
        if (text != null) {
            COMMA.splitAsStream(text)
                    .forEach(one -> tries.put(Integer.valueOf(one.replace(" late", "")), one.endsWith("late")));
        }
        return tries;
    }
}
