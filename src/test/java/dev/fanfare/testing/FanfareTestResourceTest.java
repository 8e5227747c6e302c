package dev.fanfare.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.access.Access;
import dev.fanfare.platform.Database;
import dev.fanfare.platform.SecretBox;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(FanfareTestResource.class)
class FanfareTestResourceTest {
    @Inject
    Database database;

    @Inject
    Access access;

    @Inject
    SecretBox secretBox;

    @Test
    void a_server_under_test_has_its_own_database_and_knows_the_operator() {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(access::isReady);
        assertThat(database.isReady()).isTrue();
        assertThat(access.authenticate("Bearer " + FanfareTestResource.OPERATOR_KEY, null)
                        .role())
                .isEqualTo("operator");
        assertThat(secretBox.open(new UUID(1, 1), secretBox.seal(new UUID(1, 1), new byte[] {1})))
                .containsExactly(1);
    }
}
