package dev.fanfare.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.platform.Ids;
import dev.fanfare.platform.TypeId;
import dev.fanfare.replay.Job.Counters;
import dev.fanfare.testing.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a replay selects, and what it does to each. */
class ReplayStoreTest extends ReplayFixture {
    private static final Duration DAY = Duration.ofDays(1);

    /** Ids in the queue because of the job. */
    private List<UUID> brought(UUID job) {
        return rows.all("select id from queue where replay_id = ? order by id", job).stream()
                .map(row -> (UUID) row.get("id"))
                .toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}                                                                | a b c d
            {'subscription':'LANE'}                                           | a b c
            {'reason':'gone'}                                                 | b
            {'type':'x.y'}                                                    | c d
            {'source':'/other'}                                               | b c
            {'from':'2026-03-02T12:00:00Z'}                                   | c d
            {'from':'2026-03-02T12:00:00.000001Z'}                            |
            {'to':'2026-03-02T12:00:00Z'}                                     | a b
            {'to':'2026-03-02T12:00:00.000001Z'}                              | a b c d
            {'from':'2026-03-01T00:00:00Z','to':'2026-03-02T00:00:00Z'}       | a b
            {'from':'1960-01-01T00:00:00Z'}                                   | a b c d
            {'from':'0001-01-01T00:00:00Z','to':'9999-12-31T23:59:59Z'}       | a b c d
            {'to':'1969-12-31T23:59:59Z'}                                     |
            {'to':'1970-01-01T00:00:00Z'}                                     |
            {'subscription':'LANE','type':'x.y'}                              | c
            {'subscription':'LANE','source':'/other','reason':'exhausted','to':'2026-03-03T00:00:00Z'} | c
            {'state':'dead'}                                                  | a b c d
            {'state':'cancelled'}                                             | e
            {'state':'cancelled','reason':'exhausted'}                        |
            {'deliveries':['A','D'],'type':'x.y'}                             | d
            {'deliveries':['A','E']}                                          | a e
            {'deliveries':['A','E'],'state':'dead'}                           | a
            {'deliveries':['A','A']}                                          | a
            {'events':['EVENTB']}                                             | b
            {'events':['EVENTB'],'subscription':'OTHER'}                      |
            """)
    void selectors_combine_with_and(String selector, String expected) {
        UUID other = rows.subscription();
        Instant tomorrow = NOW.plus(DAY);
        Map<String, UUID> known = Map.of(
                "a", past(lane, NOW, "dead", "exhausted"),
                "b", past(lane, NOW, "dead", "gone", "row.made", "/other"),
                "c", past(lane, tomorrow, "dead", "exhausted", "x.y", "/other"),
                "d", past(other, tomorrow, "dead", "exhausted", "x.y", "/rows"),
                "e", past(lane, NOW, "cancelled", "replaycancelled"));
        String text = selector.replace("LANE", TypeId.format("sub", lane))
                .replace("OTHER", TypeId.format("sub", other))
                .replace("EVENTB", TypeId.format("evt", (UUID)
                        rows.delivery(known.get("b")).get("event_id")))
                .replace("'A'", "'" + TypeId.format("dlv", known.get("a")) + "'")
                .replace("'D'", "'" + TypeId.format("dlv", known.get("d")) + "'")
                .replace("'E'", "'" + TypeId.format("dlv", known.get("e")) + "'");
        Instant created = tomorrow.plusSeconds(60);
        UUID job = job(text);
        rows.run("update replay set created_at = ?::timestamptz where id = ?", created.toString(), job);

        Job fed = feed(job);

        List<UUID> wanted = expected == null
                ? List.of()
                : List.of(expected.split(" ")).stream().map(known::get).toList();
        assertThat(brought(job)).containsExactlyInAnyOrderElementsOf(wanted);
        assertThat(fed.counters().matched()).isEqualTo(wanted.size());
    }

    @Test
    void another_tenants_deliveries_are_never_meant() {
        UUID mine = dead(lane);
        UUID other = new UUID(7, 7);
        rows.run("insert into tenant (id, name) values (?, 'other')", other);
        UUID theirs = dead(lane);
        rows.run("update delivery set tenant_id = ? where id = ?", other, theirs);
        rows.run(
                "update event set tenant_id = ? where id = (select event_id from delivery where id = ?)",
                other,
                theirs);

        UUID named = job(naming(theirs));
        UUID all = job("{}");

        assertThat(feed(named).counters().matched()).isZero();
        feed(all);
        assertThat(brought(all)).containsExactly(mine);
        assertThat(rows.delivery(theirs)).containsEntry("state", "dead");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dead", "cancelled"})
    void what_was_given_up_lives_again_in_place_with_a_fresh_schedule(String state) {
        UUID id = past(lane, NOW, state, "exhausted");
        UUID job = job("{'state':'" + state + "'}");

        assertThat(step(job)).isEqualTo(1);

        assertThat(rows.delivery(id))
                .containsEntry("state", "pending")
                .containsEntry("dead", false)
                .containsEntry("reason", null)
                .containsEntry("settled_at", null)
                .containsEntry("replay_id", job);
        assertThat(rows.queued(id))
                .containsEntry("due_at", LATER)
                .containsEntry("step", 0)
                .containsEntry("attempts", 1)
                .containsEntry("claim_no", 4)
                .containsEntry("lost", 0)
                .containsEntry("first_attempt_at", null)
                .containsEntry("last_status", 500)
                .containsEntry("was_state", state)
                .containsEntry("was_reason", "exhausted");

        attempt(lane, 200);
        assertThat(rows.delivery(id))
                .containsEntry("state", "delivered")
                .containsEntry("attempts", 2)
                .containsEntry("claim_no", 5);
        assertThat(rows.attempts(id)).extracting(row -> row.get("number")).containsExactly(1, 2);
        step(job);
        assertThat(shown(job).state()).isEqualTo(Job.State.DONE);
        assertThat(shown(job).finishedAt()).isEqualTo(LATER);
        assertThat(counters(job)).isEqualTo(new Counters(1, 1, "{}", 0, 0, 1, 0, 0, 0));
    }

    @Test
    void what_dies_again_is_counted_as_failed_and_not_taken_again_by_the_same_job() {
        UUID id = dead(lane);
        UUID job = job("{}");
        feed(job);

        attempt(lane, 400);
        assertThat(feed(job).state()).isEqualTo(Job.State.DONE);

        assertThat(rows.delivery(id)).containsEntry("state", "dead").containsEntry("reason", "final");
        assertThat(counters(job)).isEqualTo(new Counters(1, 1, "{}", 0, 0, 0, 1, 0, 0));
        assertThat(attempt(lane, 400)).isZero();
    }

    @Test
    void what_waits_is_due_now_with_its_attempts_and_its_place_in_the_schedule() {
        UUID id = rows.waiting(lane, LATER.plusSeconds(3_600));
        rows.run("update queue set step = 5, first_attempt_at = ?::timestamptz where id = ?", NOW.toString(), id);
        UUID overdue = rows.waiting(lane, NOW);
        UUID job = job("{'state':'pending'}");

        assertThat(step(job)).isEqualTo(2);

        assertThat(rows.queued(id))
                .containsEntry("due_at", LATER)
                .containsEntry("step", 5)
                .containsEntry("claim_no", 1)
                .containsEntry("first_attempt_at", NOW)
                .containsEntry("replay_id", job)
                .containsEntry("was_state", "pending");
        assertThat(rows.queued(overdue)).containsEntry("due_at", NOW);
        attempt(lane, 200);
        assertThat(feed(job).counters()).isEqualTo(new Counters(2, 2, "{}", 0, 0, 2, 0, 0, 0));
    }

    @Test
    void what_was_delivered_is_left_alone_unless_asked_for() {
        UUID id = delivered(lane);
        UUID job = job("{}");
        assertThat(feed(job).counters().matched()).isZero();
        UUID event = job(
                "{'events':['" + TypeId.format("evt", (UUID) rows.delivery(id).get("event_id")) + "']}");
        assertThat(feed(event).counters().matched()).isZero();
        assertThat(rows.count("queue")).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void what_was_delivered_goes_out_again_as_a_new_delivery(boolean same) {
        UUID id = delivered(lane);
        Map<String, Object> before = rows.delivery(id);
        UUID job = same ? job(naming(id)) : job("{'state':'delivered'}", false);

        feed(job);

        assertThat(rows.delivery(id)).isEqualTo(before);
        UUID again = brought(job).get(0);
        assertThat(again).isNotEqualTo(id);
        assertThat(rows.delivery(again))
                .containsEntry("state", "pending")
                .containsEntry("replay_of", id)
                .containsEntry("replay_id", job)
                .containsEntry("webhook_id", same ? id : null)
                .containsEntry("event_id", before.get("event_id"))
                .containsEntry("tenant_id", TestPostgres.TENANT);
        assertThat(claims.load(claim(lane)))
                .extracting(claimed -> claimed.webhookId())
                .containsExactly(same ? id : again);
    }

    @Test
    void a_repeated_of_a_repeated_one_keeps_the_first_webhook_id() {
        UUID id = delivered(lane);
        UUID first = job(naming(id));
        feed(first);
        UUID again = brought(first).get(0);
        attempt(lane, 200);
        rows.run("update delivery set settled_at = ?::timestamptz where id = ?", CREATED.toString(), again);
        UUID second = job(naming(again));

        feed(second);

        assertThat(rows.delivery(brought(second).get(0)))
                .containsEntry("webhook_id", id)
                .containsEntry("replay_of", again);
    }

    @Test
    void a_repeated_one_lies_in_its_events_day() {
        Instant lastOfDay = Instant.parse("2026-03-01T23:59:59.999Z");
        past(lane, lastOfDay, "delivered", null);
        past(lane, lastOfDay.plusMillis(1), "delivered", null);
        UUID job = job("{'state':'delivered'}");
        rows.run("update replay set created_at = '2026-03-02T10:00:00Z' where id = ?", job);

        feed(job);

        assertThat(rows.all("""
                        select d.tableoid::regclass::text as day from delivery d where d.replay_id = ? order by id""", job))
                .extracting(row -> row.get("day"))
                .containsExactly("delivery_20260301", "delivery_20260302");
    }

    @Test
    void what_is_in_flight_is_skipped() {
        UUID fresh = rows.fresh(node, lane).id();
        UUID claimed = rows.waiting(lane, NOW);
        claim(lane);
        UUID job = job(naming(fresh, claimed));

        assertThat(feed(job).counters()).isEqualTo(new Counters(2, 0, "{\"inflight\":2}", 0, 0, 0, 0, 0, 0));
        assertThat(rows.queued(claimed)).containsEntry("replay_id", null);
        assertThat(shown(job).state()).isEqualTo(Job.State.RUNNING);
        step(job);
        assertThat(shown(job).state()).isEqualTo(Job.State.DONE);
    }

    @Test
    void those_of_a_deleted_subscription_are_skipped() {
        UUID gone = rows.subscription("deleted", "https://receiver.example/");
        UUID id = dead(gone);
        UUID unknown = dead(new UUID(1, 1));
        UUID job = job("{}");

        assertThat(feed(job).counters()).isEqualTo(new Counters(2, 0, "{\"subscriptiondeleted\":2}", 0, 0, 0, 0, 0, 0));
        assertThat(rows.delivery(id)).containsEntry("state", "dead");
        assertThat(rows.delivery(unknown)).containsEntry("state", "dead");
    }

    @Test
    void those_whose_event_is_gone_are_counted() {
        UUID id = dead(lane);
        dead(lane);
        eventGone(id);
        UUID job = job("{}");

        assertThat(feed(job).counters()).isEqualTo(new Counters(2, 1, "{}", 1, 0, 0, 0, 0, 1));
        assertThat(rows.delivery(id)).containsEntry("state", "dead");
    }

    @Test
    void those_whose_day_is_about_to_be_forgotten_are_gone() {
        UUID id = dead(lane);
        rows.run("update retention set kept_from = ?", Ids.lowest(NOW.plusMillis(1)));
        UUID job = job("{}");

        assertThat(feed(job).counters()).isEqualTo(new Counters(1, 0, "{}", 1, 0, 0, 0, 0, 0));
        assertThat(rows.delivery(id)).containsEntry("state", "dead");
    }

    @ParameterizedTest
    @ValueSource(strings = {"paused", "disabled"})
    void those_of_a_subscription_that_is_not_active_live_again_and_wait(String state) {
        UUID held = rows.subscription(state, "https://receiver.example/");
        UUID id = dead(held);
        UUID job = job("{}");

        assertThat(feed(job).counters().open()).isEqualTo(1);
        assertThat(rows.delivery(id)).containsEntry("state", "pending");
        step(job);
        assertThat(shown(job).state()).isEqualTo(Job.State.RUNNING);
    }

    @Test
    void what_changed_after_the_job_was_made_is_not_taken() {
        UUID id = dead(lane);
        rows.run(
                "update delivery set settled_at = ?::timestamptz where id = ?",
                CREATED.plusMillis(1).toString(),
                id);
        UUID waiting = rows.waiting(lane, NOW);
        rows.run(
                "update queue set queued_at = ?::timestamptz where id = ?",
                CREATED.plusMillis(1).toString(),
                waiting);
        UUID job = job(naming(id, waiting));

        assertThat(feed(job).counters().matched()).isZero();
    }
}
