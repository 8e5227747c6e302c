package dev.fanfare.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** What is told to clients that go over a limit of docs/limits.md, where no other story goes there. */
@QuarkusTest
class LimitsStoryTest extends Story {
    @Test
    void the_replay_after_a_hundred_that_run_is_409() {
        try {
            // each waits for a delivery that never ends
            assertThat(update("""
                            insert into replay (id, tenant_id, state, selector, webhook_id, created_at, walked, fed,
                                                matched, queued, open)
                            select gen_random_uuid(), t.id, 'running', '{}', 'same', now(), true, true, 1, 1, 1
                            from tenant t, generate_series(1, 99) where t.name = ?""")).isEqualTo(99);
            String selector = json("{'type':'" + type + "','state':'pending'}");
            replay(selector).statusCode(202);
            assertThat(update("""
                            insert into replay (id, tenant_id, state, selector, webhook_id, created_at, walked, fed,
                                                matched, queued, open)
                            select gen_random_uuid(), id, 'running', '{}', 'same', now(), true, true, 1, 1, 1
                            from tenant where name = ?""")).isEqualTo(1);
            replay(selector).statusCode(409).body("code", equalTo("conflict"));
        } finally {
            update("delete from replay where open = 1 and tenant_id = (select id from tenant where name = ?)");
        }
    }

    private static ValidatableResponse replay(String selector) {
        return operator()
                .contentType("application/json")
                .body(selector)
                .post("/v1/replays")
                .then();
    }

    private int update(String sql) {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, TENANT);
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_header_block_over_what_is_read_at_all_is_431_and_others_go_on() {
        for (String address : new String[] {"/v1/events", "/v1/subscriptions", "/elsewhere"}) {
            operator()
                    .header("X-Long", "x".repeat(260 << 10))
                    .get(address)
                    .then()
                    .statusCode(431);
        }
        operator().get("/v1/subscriptions").then().statusCode(200);
    }

    @Test
    void a_credential_of_4096_characters_is_taken_and_no_longer_one() {
        String credential = "'sinkcredential':{'credentialtype':'PLAIN','identifier':'user','secret':'%s'}";
        subscribe(sink.url("/hook"), credential.formatted("x".repeat(4096)));
        trySubscribe(sink.url("/hook"), credential.formatted("x".repeat(4097)))
                .then()
                .statusCode(400)
                .body("errors.pointer", contains("/sinkcredential/secret"))
                .body("errors.code", contains("toolong"));
    }
}
