package dev.fanfare.subscription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.platform.Ids;
import dev.fanfare.platform.SecretBox;
import dev.fanfare.platform.SecretBox.Sealed;
import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import dev.fanfare.signing.WebhookSecret;
import dev.fanfare.subscription.LiveSubscription.State;
import dev.fanfare.testing.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DirectoryStoreTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private static final UUID TENANT = TestPostgres.TENANT;
    private static final Instant NOW = Instant.parse("2026-03-01T09:30:00Z");

    private final SecretVault vault = new SecretVault(new SecretBox(new byte[32]));
    private final Directory directory = new Directory(postgres.tx(), vault);

    @Test
    void a_tenant_that_was_never_read_has_no_version() {
        assertThat(directory.version(TENANT)).isEqualTo(-1);
    }

    @Test
    void a_tenant_without_subscriptions_has_its_version_and_one_that_does_not_exist_has_none() {
        directory.refresh(TENANT);
        directory.refresh(new UUID(0, 1));

        assertThat(directory.version(TENANT)).isZero();
        assertThat(directory.version(new UUID(0, 1))).isEqualTo(-1);
    }

    @Test
    void a_refresh_reads_only_what_is_newer_and_keeps_the_rest() {
        UUID first = insert("active", 1);
        directory.refresh(TENANT);
        LiveSubscription before = directory.find(first);
        // as another replica would see it change without a version: must not be read
        execute("update subscription set state = 'paused' where id = ?", first);
        UUID second = insert("paused", 2);
        List<UUID> told = new ArrayList<>();
        directory.onChange(told::addAll);

        directory.refresh(TENANT);

        assertThat(told).containsExactly(second);
        assertThat(directory.find(first)).isSameAs(before);
        assertThat(directory.version(TENANT)).isEqualTo(2);
        assertThat(directory.find(second))
                .isNotNull()
                .extracting(LiveSubscription::state)
                .isEqualTo(State.PAUSED);
    }

    @Test
    void a_tombstone_is_told_and_forgotten() {
        UUID id = insert("active", 1);
        directory.refresh(TENANT);
        execute("update subscription set state = 'deleted', deleted_at = now(), routing_version = 2 where id = ?", id);
        execute("update tenant set routing_version = 2 where id = ?", TENANT);
        List<UUID> told = new ArrayList<>();
        directory.onChange(told::addAll);

        directory.refresh(TENANT);

        assertThat(told).containsExactly(id);
        assertThat(directory.find(id)).isNull();
    }

    @Test
    void one_of_which_not_even_the_tombstone_is_left_is_forgotten() {
        UUID gone = insert("active", 1);
        UUID kept = insert("active", 2);
        directory.refresh(TENANT);
        List<LiveSubscription> removed = new ArrayList<>();
        directory.follow(change -> removed.addAll(change.removed()));
        execute("delete from subscription where id = ?", gone);
        UUID added = insert("active", 4);

        directory.refresh(TENANT);

        assertThat(directory.find(gone)).isNull();
        assertThat(removed).extracting(LiveSubscription::id).contains(gone);
        assertThat(directory.find(kept)).isNotNull();
        assertThat(directory.find(added)).isNotNull();
    }

    @Test
    void refresh_all_finds_every_tenant_whose_version_moved() {
        UUID other = new UUID(7, 7);
        execute("insert into tenant (id, name) values (?, 'other')", other);
        directory.refreshAll();
        assertThat(directory.version(other)).isZero();

        insert("active", 1);
        directory.refreshAll();

        assertThat(directory.version(TENANT)).isEqualTo(1);
        assertThat(directory.version(other)).isZero();
    }

    @Test
    void secrets_come_current_first_and_expire_at_use() {
        UUID id = insert("active", 1);
        Instant later = Instant.parse("2999-03-01T09:30:00Z");
        WebhookSecret oldest = secret(id, later.plusSeconds(10));
        WebhookSecret old = secret(id, later.plusSeconds(60));
        WebhookSecret current = secret(id, null);

        directory.refresh(TENANT);

        LiveSubscription live = directory.find(id);
        assertThat(live).isNotNull();
        assertThat(live.secretsAt(later)).containsExactly(current, old, oldest);
        assertThat(live.secretsAt(later.plusSeconds(10))).containsExactly(current, old);
        assertThat(live.secretsAt(later.plusSeconds(60))).containsExactly(current);
    }

    @Test
    void an_expired_secret_that_cannot_be_opened_holds_nothing() {
        UUID id = insert("active", 1);
        WebhookSecret current = secret(id, null);
        secret(id, Instant.EPOCH);
        execute(
                "update subscription_secret set key_id = 'lost' where subscription_id = ? and expires_at is not null",
                id);

        directory.refresh(TENANT);

        assertThat(state(id)).isEqualTo(State.ACTIVE);
        assertThat(Objects.requireNonNull(directory.find(id)).secretsAt(NOW)).containsExactly(current);
    }

    @Test
    void a_follower_is_told_what_is_known_and_then_each_change_before_its_version_can_be_read() {
        UUID first = insert("active", 1);
        directory.refresh(TENANT);
        List<RoutingChange> told = new ArrayList<>();
        List<Long> readable = new ArrayList<>();
        directory.follow(change -> {
            told.add(change);
            readable.add(directory.version(TENANT));
        });
        LiveSubscription before = directory.find(first);
        UUID second = insert("active", 2);
        directory.refresh(TENANT);
        execute("update subscription set state = 'paused', routing_version = 3 where id = ?", first);
        execute(
                "update subscription set state = 'deleted', deleted_at = now(), routing_version = 3 where id = ?",
                second);
        execute("update tenant set routing_version = 3 where id = ?", TENANT);
        LiveSubscription gone = directory.find(second);

        directory.refresh(TENANT);
        directory.refresh(TENANT);

        assertThat(before).isNotNull();
        assertThat(gone).isNotNull();
        assertThat(told)
                .containsExactly(
                        new RoutingChange(TENANT, 1, List.of(), List.of(before)),
                        new RoutingChange(TENANT, 2, List.of(), List.of(gone)),
                        new RoutingChange(
                                TENANT,
                                3,
                                List.of(before, gone),
                                List.of(Objects.requireNonNull(directory.find(first)))));
        assertThat(readable).containsExactly(1L, 1L, 2L);
    }

    /** A database that is slow to answer once. */
    private static final class SlowTx extends Tx {
        private @Nullable Runnable meanwhile;

        SlowTx(DataSource dataSource) {
            super(dataSource);
        }

        @Override
        public <T> T snapshot(Work<T> work) {
            T answer = super.snapshot(work);
            Runnable next = meanwhile;
            meanwhile = null;
            if (next != null) {
                next.run();
            }
            return answer;
        }
    }

    @Test
    void nobody_waits_for_a_slow_refresh_and_what_it_read_replaces_nothing_newer() {
        UUID id = insert("active", 1);
        SlowTx slow = new SlowTx(postgres.dataSource());
        Directory own = new Directory(slow, vault);
        List<Long> versions = new ArrayList<>();
        own.follow(change -> versions.add(change.version()));
        slow.meanwhile = () -> {
            execute("update subscription set state = 'paused', routing_version = 2 where id = ?", id);
            execute("update tenant set routing_version = 2 where id = ?", TENANT);
            CompletableFuture.runAsync(() -> own.refresh(TENANT))
                    .orTimeout(30, TimeUnit.SECONDS)
                    .join();
        };

        own.refresh(TENANT);

        assertThat(versions).containsExactly(2L);
        assertThat(own.version(TENANT)).isEqualTo(2);
        assertThat(own.find(id)).isNotNull().extracting(LiveSubscription::state).isEqualTo(State.PAUSED);
    }

    /** The database goes back to before {@code lost} was made, and on to the same version with another one. */
    private static UUID goBack(UUID lost, long version) {
        execute("delete from subscription where id = ?", lost);
        return insert("paused", version);
    }

    @Test
    void after_a_doubt_all_is_read_anew_and_what_never_was_is_told_and_forgotten() {
        UUID kept = insert("active", 1);
        UUID lost = insert("active", 2);
        directory.refresh(TENANT);
        LiveSubscription never = directory.find(lost);
        List<RoutingChange> changes = new ArrayList<>();
        directory.follow(changes::add);
        List<UUID> told = new ArrayList<>();
        directory.onChange(told::addAll);
        UUID other = goBack(lost, 2);

        directory.doubt();

        assertThat(directory.version(TENANT)).isEqualTo(-1);
        assertThat(changes).last().isEqualTo(new RoutingChange(TENANT, -1, List.of(), List.of()));
        assertThat(directory.find(kept)).as("nobody takes it for deleted").isNotNull();

        directory.refreshAll();

        assertThat(directory.version(TENANT)).isEqualTo(2);
        assertThat(directory.find(lost)).isNull();
        assertThat(directory.find(kept)).isNotNull();
        assertThat(state(other)).isEqualTo(State.PAUSED);
        assertThat(told).containsExactlyInAnyOrder(kept, lost, other);
        assertThat(changes).last().satisfies(change -> assertThat(change.removed())
                .contains(never));
    }

    @Test
    void what_was_read_before_a_doubt_and_arrives_after_it_is_not_believed() {
        UUID kept = insert("active", 1);
        SlowTx slow = new SlowTx(postgres.dataSource());
        Directory own = new Directory(slow, vault);
        own.refresh(TENANT);
        insert("active", 2);
        slow.meanwhile = own::doubt;

        own.refresh(TENANT);
        assertThat(own.version(TENANT)).isEqualTo(-1);
        own.refresh(TENANT);

        assertThat(own.version(TENANT)).isEqualTo(2);
        assertThat(own.find(kept)).isNotNull();
    }

    @Test
    void secrets_that_cannot_be_opened_hold_their_subscription_alone() {
        UUID broken = insert("active", 1);
        UUID paused = insert("paused", 2);
        UUID whole = insert("active", 3);
        for (UUID id : List.of(broken, paused, whole)) {
            secret(id, null);
        }
        execute("update subscription_secret set key_id = 'other' where subscription_id = ?", broken);
        execute("update subscription_secret set secret = '\\x00' where subscription_id = ?", paused);

        directory.refresh(TENANT);

        assertThat(directory.version(TENANT)).isEqualTo(3);
        assertThat(state(broken)).isEqualTo(State.UNUSABLE);
        assertThat(state(paused)).as("held as it is").isEqualTo(State.PAUSED);
        assertThat(state(whole)).isEqualTo(State.ACTIVE);
        assertThat(directory.countUnusable()).isEqualTo(1);
        assertThat(Objects.requireNonNull(directory.find(broken)).takesEventsAt(NOW))
                .as("it goes on collecting")
                .isTrue();
    }

    @Test
    void a_credential_that_cannot_be_opened_holds_its_subscription_until_another_is_stored() {
        UUID id = insert("active", 1);
        execute("update subscription set credential_key_id = 'x', credential = '\\x00' where id = ?", id);
        directory.refresh(TENANT);
        assertThat(state(id)).isEqualTo(State.UNUSABLE);

        execute(
                "update subscription set credential_key_id = null, credential = null, routing_version = 2 where id = ?",
                id);
        execute("update tenant set routing_version = 2 where id = ?", TENANT);
        directory.refresh(TENANT);

        assertThat(state(id)).isEqualTo(State.ACTIVE);
    }

    @Test
    void a_configuration_that_cannot_be_read_leaves_what_was_known_and_stops_no_other_tenant() {
        UUID other = new UUID(7, 7);
        UUID id = insert("active", 1);
        directory.refresh(TENANT);
        execute("update subscription set config = '{\"sink\":1}', routing_version = 2 where id = ?", id);
        execute("update tenant set routing_version = 2 where id = ?", TENANT);
        execute("insert into tenant (id, name) values (?, 'other')", other);

        assertThatThrownBy(() -> directory.refresh(TENANT)).isInstanceOf(IllegalStateException.class);
        directory.refreshAll();

        assertThat(directory.version(TENANT)).isEqualTo(1);
        assertThat(state(id)).isEqualTo(State.ACTIVE);
        assertThat(directory.version(other)).isZero();
    }

    @Test
    void a_tenant_that_cannot_be_read_is_told_once_for_each_version_and_when_it_can_be_read_again() {
        UUID id = insert("active", 1);
        directory.refresh(TENANT);
        try (Log log = new Log()) {
            configure(id, "{\"sink\":1}", 2);
            for (int beat = 0; beat < 3; beat++) {
                directory.refreshAll();
                assertThatThrownBy(() -> directory.refresh(TENANT)).isInstanceOf(IllegalStateException.class);
            }
            assertThat(log.lines).singleElement().asString().startsWith("ERROR").contains("refused events");

            configure(id, "{\"sink\":2}", 3);
            directory.refreshAll();
            directory.refreshAll();
            assertThat(log.lines).hasSize(2);

            configure(id, "{\"sink\":\"https://a.example/\"}", 4);
            directory.refreshAll();
            directory.refreshAll();
            assertThat(log.lines)
                    .hasSize(3)
                    .last()
                    .asString()
                    .startsWith("INFO")
                    .contains("read again");

            configure(id, "{\"sink\":1}", 5);
            directory.refreshAll();
            assertThat(log.lines).hasSize(4);
        }
    }

    private static void configure(UUID id, String config, long version) {
        postgres.tx().run(c -> Sql.of(c, "update subscription set config = ?, routing_version = ? where id = ?")
                .set(config)
                .set(version)
                .set(id)
                .update());
        postgres.tx().run(c -> Sql.of(c, "update tenant set routing_version = ? where id = ?")
                .set(version)
                .set(TENANT)
                .update());
    }

    /** What the directory logs as long as this is open, from INFO. */
    private static final class Log extends Handler implements AutoCloseable {
        final List<String> lines = new ArrayList<>();
        private final Logger logger = Logger.getLogger(Directory.class.getName());
        private final Level before = logger.getLevel();

        Log() {
            logger.setLevel(Level.INFO);
            logger.addHandler(this);
        }

        @Override
        public void publish(LogRecord line) {
            lines.add(line.getLevel() + " " + line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            logger.removeHandler(this);
            logger.setLevel(before);
        }
    }

    @Test
    void a_disabled_subscription_takes_events_for_seven_days() {
        UUID id = insert("disabled", 1);
        directory.refresh(TENANT);

        LiveSubscription live = directory.find(id);

        assertThat(live).isNotNull();
        assertThat(live.takesEventsAt(NOW.plus(Duration.ofDays(7)).minusMillis(1)))
                .isTrue();
        assertThat(live.takesEventsAt(NOW.plus(Duration.ofDays(7)))).isFalse();
    }

    private State state(UUID id) {
        return Objects.requireNonNull(directory.find(id)).state();
    }

    private static UUID insert(String state, long version) {
        UUID id = Ids.at(NOW.plusMillis(version));
        postgres.tx().run(c -> Sql.of(c, """
                        insert into subscription
                            (id, tenant_id, state, state_reason, state_since, config, routing_version, created_at, updated_at)
                        values (?, ?, ?, 'gone', ?, '{"sink":"https://a.example/"}', ?, now(), now())
                        """)
                .set(id)
                .set(TENANT)
                .set(state)
                .set(NOW)
                .set(version)
                .update());
        postgres.tx().run(c -> Sql.of(c, "update tenant set routing_version = ? where id = ?")
                .set(version)
                .set(TENANT)
                .update());
        return id;
    }

    private WebhookSecret secret(UUID subscription, @Nullable Instant expiresAt) {
        WebhookSecret secret = WebhookSecret.generate();
        UUID row = Ids.at(NOW);
        Sealed sealed = vault.sealSecret(row, secret);
        postgres.tx().run(c -> Sql.of(c, """
                        insert into subscription_secret (id, subscription_id, key_id, secret, created_at, expires_at)
                        values (?, ?, ?, ?, now(), ?)
                        """)
                .set(row)
                .set(subscription)
                .set(sealed.keyId())
                .set(sealed.ciphertext())
                .set(expiresAt)
                .update());
        return secret;
    }

    private static void execute(String sql, UUID id) {
        postgres.tx().run(c -> Sql.of(c, sql).set(id).update());
    }
}
