package dev.fanfare.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private static final UUID FLOODING = new UUID(0, 1);
    private static final UUID OTHER = new UUID(0, 2);

    private final Turns turns = new Turns();

    private static Submission of(UUID tenant, long number) {
        return new Submission(tenant, List.of(), null, number, new CompletableFuture<>());
    }

    private List<String> all() {
        List<String> all = new ArrayList<>();
        for (Submission next = turns.poll(); next != null; next = turns.poll()) {
            all.add((next.tenantId().equals(OTHER) ? "other " : "flooding ") + next.bytes());
        }
        return all;
    }

    @Test
    void one_that_comes_behind_a_flood_of_another_tenant_is_second() {
        for (int i = 1; i <= 4; i++) {
            turns.add(of(FLOODING, i));
        }
        turns.add(of(OTHER, 1));
        turns.add(of(OTHER, 2));
        assertThat(turns.size()).isEqualTo(6);
        assertThat(all()).containsExactly("flooding 1", "other 1", "flooding 2", "other 2", "flooding 3", "flooding 4");
        assertThat(turns.size()).isZero();
    }

    @Test
    void whose_turn_it_was_stands_behind_the_others() {
        turns.add(of(FLOODING, 1));
        turns.add(of(FLOODING, 2));
        turns.add(of(OTHER, 1));
        assertThat(turns.poll()).isNotNull();
        turns.add(of(FLOODING, 3));
        assertThat(all()).containsExactly("other 1", "flooding 2", "flooding 3");
    }

    @Test
    void what_is_waited_for_is_taken_when_it_comes() throws Exception {
        assertThat(turns.poll(1)).isNull();
        CompletableFuture<Submission> taken = CompletableFuture.supplyAsync(() -> {
            try {
                return turns.poll(20_000);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        turns.add(of(OTHER, 7));
        assertThat(taken.get(20, TimeUnit.SECONDS).bytes()).isEqualTo(7);
    }
}
