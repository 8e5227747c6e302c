package dev.fanfare.subscription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.platform.Ids;
import dev.fanfare.platform.SecretBox;
import dev.fanfare.platform.SecretBox.Sealed;
import dev.fanfare.platform.Sql;
import dev.fanfare.signing.WebhookSecret;
import dev.fanfare.subscription.LiveSubscription.State;
import dev.fanfare.testing.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
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
        assertThat(directory.routes(TENANT)).isEqualTo(new Routes(-1, List.of()));
    }

    @Test
    void a_tenant_without_subscriptions_has_its_version_and_one_that_does_not_exist_has_none() {
        directory.refresh(TENANT);
        directory.refresh(new UUID(0, 1));

        assertThat(directory.routes(TENANT)).isEqualTo(new Routes(0, List.of()));
        assertThat(directory.routes(new UUID(0, 1)).version()).isEqualTo(-1);
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
        assertThat(directory.routes(TENANT).version()).isEqualTo(2);
        assertThat(directory.routes(TENANT).subscriptions())
                .extracting(LiveSubscription::state)
                .containsExactly(State.ACTIVE, State.PAUSED);
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
        assertThat(directory.routes(TENANT).subscriptions()).isEmpty();
    }

    @Test
    void refresh_all_finds_every_tenant_whose_version_moved() {
        UUID other = new UUID(7, 7);
        execute("insert into tenant (id, name) values (?, 'other')", other);
        directory.refreshAll();
        assertThat(directory.routes(other).version()).isZero();

        insert("active", 1);
        directory.refreshAll();

        assertThat(directory.routes(TENANT).version()).isEqualTo(1);
        assertThat(directory.routes(other).version()).isZero();
    }

    @Test
    void secrets_come_current_first_and_expire_at_use() {
        UUID id = insert("active", 1);
        WebhookSecret oldest = secret(id, NOW.plusSeconds(10));
        WebhookSecret old = secret(id, NOW.plusSeconds(60));
        WebhookSecret current = secret(id, null);

        directory.refresh(TENANT);

        LiveSubscription live = directory.find(id);
        assertThat(live).isNotNull();
        assertThat(live.secretsAt(NOW)).containsExactly(current, old, oldest);
        assertThat(live.secretsAt(NOW.plusSeconds(10))).containsExactly(current, old);
        assertThat(live.secretsAt(NOW.plusSeconds(60))).containsExactly(current);
    }

    @Test
    void a_row_that_cannot_be_opened_leaves_what_was_known() {
        UUID id = insert("active", 1);
        directory.refresh(TENANT);
        execute("update tenant set routing_version = 2 where id = ?", TENANT);
        execute(
                "update subscription set routing_version = 2, credential_key_id = 'x', credential = '\\x00' where id = ?",
                id);

        assertThatThrownBy(() -> directory.refresh(TENANT)).isInstanceOf(IllegalStateException.class);

        assertThat(directory.routes(TENANT).version()).isEqualTo(1);
        assertThat(directory.find(id)).isNotNull();
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
