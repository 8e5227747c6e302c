package dev.fanfare.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class RequestMemoryTest {
    private static final UUID FLOODING = new UUID(0, 1);
    private static final UUID OTHER = new UUID(0, 2);
    private static final UUID THIRD = new UUID(0, 3);

    private final RequestMemory memory = new RequestMemory(1_000);

    private boolean request(UUID tenant, long bytes) {
        return memory.reserve(tenant, bytes, 0);
    }

    private int flood(UUID tenant) {
        int taken = 0;
        while (request(tenant, 10)) {
            taken += 10;
        }
        return taken;
    }

    @Test
    void a_tenant_alone_has_three_quarters() {
        assertThat(flood(FLOODING)).isEqualTo(750);
        assertThat(memory.reserved()).isEqualTo(750);
        memory.release(FLOODING, 10);
        assertThat(flood(FLOODING)).isEqualTo(10);
    }

    @Test
    void while_one_floods_another_one_gets_its_quarter_at_once() {
        flood(FLOODING);
        assertThat(flood(OTHER)).isEqualTo(250);
    }

    @Test
    void while_another_one_has_some_a_tenant_has_a_quarter_at_most() {
        assertThat(request(OTHER, 10)).isTrue();
        assertThat(flood(FLOODING)).isEqualTo(250);
        memory.release(OTHER, 10);
        assertThat(flood(FLOODING)).isEqualTo(500);
    }

    @Test
    void who_has_more_than_a_quarter_gets_nothing_until_it_has_less() {
        flood(FLOODING);
        request(OTHER, 10);
        memory.release(FLOODING, 500);
        assertThat(request(FLOODING, 10)).isFalse();
        memory.release(FLOODING, 10);
        assertThat(request(FLOODING, 10)).isTrue();
    }

    @Test
    void the_only_request_of_a_tenant_may_be_larger_than_its_share() {
        request(OTHER, 10);
        assertThat(request(FLOODING, 600)).isTrue();
        assertThat(memory.reserve(FLOODING, 300, 600))
                .as("more of the same request")
                .isTrue();
        assertThat(request(FLOODING, 1)).as("another request").isFalse();
        assertThat(memory.reserve(FLOODING, 100, 900)).as("more than there is").isFalse();
    }

    @Test
    void three_tenants_share_all_of_it_and_leave_nothing_behind() {
        flood(FLOODING);
        flood(OTHER);
        assertThat(request(THIRD, 10)).as("until somebody gives back").isFalse();
        memory.release(FLOODING, 750);
        assertThat(flood(THIRD)).isEqualTo(250);
        memory.release(OTHER, 250);
        memory.release(THIRD, 250);
        assertThat(memory.reserved()).isZero();
        assertThat(flood(OTHER)).isEqualTo(750);
    }
}
