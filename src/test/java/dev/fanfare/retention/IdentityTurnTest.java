package dev.fanfare.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.platform.Tx;
import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class IdentityTurnTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private static final Instant NOW = Rows.NOW;
    private static final Duration DAY = Duration.ofDays(1);

    private final Tx tx = postgres.tx();
    private final Rows rows = new Rows(tx);
    private final IdentityTurn turn = new IdentityTurn(tx);

    @BeforeEach
    void turned_at_noon() {
        rows.run("update maintenance set done_at = ?::timestamptz where task = 'identity-turn'", NOW.toString());
    }

    private void remember(String key) {
        rows.run("insert into identity_current values (convert_to(?, 'UTF8'), ?, '')", key, UUID.randomUUID());
    }

    private Object keys(String table) {
        return rows.all("select coalesce(string_agg(convert_from(key, 'UTF8'), ',' order by key), '') as k from "
                        + table)
                .get(0)
                .get("k");
    }

    @Test
    void nothing_turns_before_the_window_is_over() {
        remember("a");
        assertThat(turn.turnIfDue(DAY, NOW.plus(DAY).minusMillis(1))).isFalse();
        assertThat(keys("identity_current")).isEqualTo("a");
    }

    @Test
    void a_key_is_remembered_for_one_to_two_windows() {
        remember("a");
        assertThat(turn.turnIfDue(DAY, NOW.plus(DAY))).isTrue();
        remember("b");
        assertThat(keys("identity_previous")).isEqualTo("a");
        assertThat(keys("identity_current")).isEqualTo("b");
        assertThat(turn.turnIfDue(DAY, NOW.plus(DAY))).as("once").isFalse();
        assertThat(turn.turnIfDue(DAY, NOW.plus(DAY.multipliedBy(2)))).isTrue();
        assertThat(keys("identity_previous")).isEqualTo("b");
        assertThat(keys("identity_current")).isEqualTo("");
    }

    @Test
    void the_new_generation_refuses_a_key_twice_as_the_old_one_did() {
        turn.turnIfDue(DAY, NOW.plus(DAY));
        remember("a");
        assertThat(
                        rows.run(
                                "insert into identity_current values (convert_to('a', 'UTF8'), gen_random_uuid(), '') on conflict (key) do nothing"))
                .isZero();
    }

    @Test
    void of_two_replicas_one_turns() {
        CompletableFuture<Boolean> one = CompletableFuture.supplyAsync(() -> turn.turnIfDue(DAY, NOW.plus(DAY)));
        CompletableFuture<Boolean> two =
                CompletableFuture.supplyAsync(() -> new IdentityTurn(tx).turnIfDue(DAY, NOW.plus(DAY)));
        assertThat(one.join() ^ two.join()).isTrue();
    }
}
