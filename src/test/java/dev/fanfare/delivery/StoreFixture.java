package dev.fanfare.delivery;

import dev.fanfare.delivery.ClaimStore.Due;
import dev.fanfare.delivery.ClaimStore.Want;
import dev.fanfare.platform.Tx;
import dev.fanfare.testing.Invariants;
import dev.fanfare.testing.Rows;
import dev.fanfare.testing.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The delivery stores on a real database; the invariants hold after each test. */
abstract class StoreFixture {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    static final Instant NOW = Rows.NOW;
    static final Instant LATER = NOW.plusSeconds(60);

    final Tx tx = postgres.tx();
    final Rows rows = new Rows(tx);
    final ClaimStore claims = new ClaimStore(tx);
    final GateStore gates = new GateStore(tx);
    final SettleStore settles = new SettleStore(tx, gates);
    final GiveBackStore giveBacks = new GiveBackStore(tx);
    final CancelStore cancels = new CancelStore(tx);
    final UUID node = rows.node();
    final UUID lane = rows.subscription();

    @AfterEach
    void the_invariants_hold() {
        Invariants.hold(tx);
    }

    static Outcome outcome(int status, @Nullable Duration retryAfter) {
        return new Outcome(
                NOW,
                40,
                "192.0.2.1",
                status,
                status / 100 == 2 ? null : status == 0 ? Reason.TIMEOUT : Reason.HTTPSTATUS,
                retryAfter,
                new byte[] {'a', ':', 0, (byte) 0xFF},
                new byte[] {0, (byte) 0xC3, '('},
                false);
    }

    static Settlement settlement(Claim claim, int status) {
        return settlement(claim, status, null);
    }

    static Settlement settlement(Claim claim, int status, @Nullable Duration retryAfter) {
        return settlement(claim, outcome(status, retryAfter), 1);
    }

    static Settlement settlement(Claim claim, Outcome outcome, int sinkRevision) {
        return Settlement.of(claim, outcome, Rows.live(claim.subscriptionId(), sinkRevision), true, 0.5);
    }

    /** The claims that a node gets in a lane with room for ten. */
    List<Claim> claim(UUID by, UUID subscription, Instant now) {
        return claims.claim(by, List.of(new Want(subscription, 10, Instant.EPOCH)), now).stream()
                .map(Due::claim)
                .toList();
    }

    /** A new delivery that this node has claimed from the queue. */
    Claim queued() {
        UUID id = rows.waiting(lane, NOW.minusSeconds(1));
        return claim(node, lane, NOW).stream()
                .filter(claim -> claim.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    static List<Claim> claimAll(Tx tx, UUID by, UUID subscription, Instant now) {
        return new ClaimStore(tx)
                .claim(by, List.of(new Want(subscription, 100, Instant.EPOCH)), now).stream()
                        .map(Due::claim)
                        .toList();
    }
}
