package dev.fanfare.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.platform.DatabaseException;
import dev.fanfare.platform.Tx;
import dev.fanfare.replay.Job.Counters;
import dev.fanfare.replay.Job.State;
import dev.fanfare.testing.Breakable;
import dev.fanfare.testing.Breakable.Side;
import dev.fanfare.testing.Invariants;
import dev.fanfare.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A replay's step that breaks at any of its statements is taken once, however often it is taken again. */
class ReplayCrashTest extends ReplayFixture {
    private final Breakable database = new Breakable(postgres.dataSource());
    private final ReplayStore breaking = new ReplayStore(new Tx(database.dataSource()));

    /** A job that has something of every kind to do in one lane. */
    private abstract class Replaying implements Breakable.Drill {
        UUID own = lane;
        UUID job = lane;
        private UUID dead = lane;
        private UUID cancelled = lane;
        private UUID delivered = lane;
        private UUID waiting = lane;
        private UUID elsewhere = lane;

        @Override
        public void prepare() {
            own = rows.subscription();
            dead = dead(own);
            cancelled = past(own, NOW, "cancelled", "subscriptiondeleted");
            delivered = delivered(own);
            waiting = rows.waiting(own, LATER.plus(Duration.ofHours(1)));
            elsewhere = dead(own);
            feed(job(naming(elsewhere)));
            rows.run("update queue set queued_at = ?::timestamptz where id = ?", NOW.toString(), elsewhere);
            job = job(naming(dead, cancelled, delivered, waiting, elsewhere));
        }

        void isFed() {
            assertThat(counters(job)).isEqualTo(new Counters(5, 4, "{\"inreplay\":1}", 0, 0, 0, 0, 0, 4));
            assertThat(rows.all("select id from delivery where replay_of = ?", delivered))
                    .hasSize(1);
        }

        void isUnwound() {
            assertThat(counters(job)).isEqualTo(new Counters(5, 1, "{\"inreplay\":1}", 0, 3, 0, 0, 1, 0));
            assertThat(rows.delivery(dead)).containsEntry("state", "dead").containsEntry("reason", "exhausted");
            assertThat(rows.delivery(cancelled))
                    .containsEntry("state", "cancelled")
                    .containsEntry("reason", "subscriptiondeleted");
            assertThat(rows.all("select state, reason from delivery where replay_of = ?", delivered))
                    .singleElement()
                    .satisfies(row -> assertThat(row)
                            .containsEntry("state", "cancelled")
                            .containsEntry("reason", "replaycancelled"));
            assertThat(rows.queued(waiting)).containsEntry("replay_id", null);
            assertThat(rows.queued(elsewhere)).doesNotContainEntry("replay_id", null);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_broken_step_queues_each_delivery_once(Side side) {
        assertThat(database.breakEverywhere(side, new Replaying() {
                    @Override
                    public void run() {
                        breaking.step(job, LATER);
                    }

                    @Override
                    public void recover(DatabaseException broken) {
                        feed(job);
                        isFed();
                        assertThat(attempt(own, 200)).isEqualTo(5);
                        assertThat(feed(job).state()).isEqualTo(State.DONE);
                        assertThat(counters(job).delivered()).isEqualTo(4);
                        Invariants.holdAtRest(tx);
                    }
                }))
                .isGreaterThan(10);
    }

    @ParameterizedTest
    @EnumSource
    void a_broken_cancellation_gives_each_delivery_back_once(Side side) {
        assertThat(database.breakEverywhere(side, new Replaying() {
                    @Override
                    public void prepare() {
                        super.prepare();
                        feed(job);
                    }

                    @Override
                    public void run() {
                        breaking.cancel(TestPostgres.TENANT, job, LATER);
                        breaking.step(job, LATER);
                    }

                    @Override
                    public void recover(DatabaseException broken) {
                        store.cancel(TestPostgres.TENANT, job, LATER);
                        assertThat(feed(job).state()).isEqualTo(State.CANCELLED);
                        isUnwound();
                        Invariants.holdAtRest(tx);
                    }
                }))
                .isGreaterThan(5);
    }

    @ParameterizedTest
    @EnumSource
    void a_broken_end_is_reached_the_next_time(Side side) {
        assertThat(database.breakEverywhere(side, new Breakable.Drill() {
                    private UUID job = lane;

                    @Override
                    public void prepare() {
                        job = job(naming(dead(lane)));
                        store.step(job, LATER);
                        attempt(lane, 200);
                    }

                    @Override
                    public void run() {
                        List<UUID> unfinished = breaking.unfinished();
                        unfinished.forEach(one -> breaking.step(one, LATER));
                    }

                    @Override
                    public void recover(DatabaseException broken) {
                        assertThat(feed(job).state()).isEqualTo(State.DONE);
                        Invariants.holdAtRest(tx);
                    }
                }))
                .isGreaterThan(3);
    }
}
