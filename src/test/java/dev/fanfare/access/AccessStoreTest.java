package dev.fanfare.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.testing.TestPostgres;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class AccessStoreTest {
    @RegisterExtension
    static final TestPostgres postgres = new TestPostgres();

    private final AccessStore store = new AccessStore(postgres.tx(), InstantSource.system());

    @Test
    void the_first_start_makes_a_key_and_the_second_none() {
        String key = ApiKey.generate("operator");
        assertThat(store.first(() -> key)).isTrue();
        assertThat(store.first(() -> ApiKey.generate("operator"))).isFalse();
        assertThat(store.load().keys()).containsOnlyKeys(ApiKey.hex(ApiKey.hash(key)));
        assertThat(store.load().tenants()).containsOnlyKeys("default");
    }

    @Test
    void of_replicas_that_start_together_one_makes_the_key() throws Exception {
        ExecutorService replicas = Executors.newFixedThreadPool(4);
        try {
            Callable<Boolean> start = () -> store.first(() -> ApiKey.generate("operator"));
            int made = 0;
            for (var each : replicas.invokeAll(List.of(start, start, start, start))) {
                made += each.get() ? 1 : 0;
            }
            assertThat(made).isEqualTo(1);
        } finally {
            replicas.shutdown();
        }
    }

    @Test
    void a_key_that_cannot_be_kept_for_the_operator_is_not_made() {
        assertThatThrownBy(() -> store.first(() -> {
                    throw new IllegalStateException("disk full");
                }))
                .hasMessage("disk full");
        assertThat(store.load().keys()).isEmpty();
    }

    @Test
    void with_a_configured_key_only_the_tenant_is_made() {
        store.firstTenant();
        store.firstTenant();
        assertThat(store.load().tenants()).containsOnlyKeys("default");
        assertThat(store.load().keys()).isEmpty();
    }
}
