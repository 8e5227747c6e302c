package dev.fanfare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;

import dev.fanfare.platform.Tx;
import dev.fanfare.signing.Signatures;
import dev.fanfare.signing.WebhookSecret;
import dev.fanfare.testing.FakeSink;
import dev.fanfare.testing.FakeSink.Request;
import dev.fanfare.testing.Invariants;
import dev.fanfare.testing.PackagedFanfare;
import dev.fanfare.testing.TestPostgres;
import io.agroal.api.AgroalDataSource;
import io.restassured.response.ValidatableResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server finds a database that one of the first schema had filled until it was killed: rows in each state, as
 * {@code upgrade/v5.sql} has them. Later another version adds to the schema.
 */
class UpgradeIT {
    private static final String ENCRYPTION_KEY = "dGhlLWtleS1vZi10aGUtdXBncmFkZS10ZXN0LTMyYnk=";
    private static final String OPERATOR_KEY = "ff_operator_of-the-upgrade-test-with-its-hash-alone";
    private static final String SIGNING_SECRET = "whsec_l0hNhsX5Nw5qbNHSuhAlYXs2hWIyV9Sk";
    private static final String PLACE = "6f1c9f0e-52a4-4a0e-9a6c-0a3f5d1f7b11";

    private static final String ACTIVE = "sub_01kjmkbhy0ft1bxb2vez6rkg2k";
    private static final String PAUSED = "sub_01kjmkbjx8ed4v5m96wm9s8vgh";
    private static final String DISABLED = "sub_01kjmkbkwgewmtnvcw14h8tavz";
    private static final String DELIVERED = "dlv_01kjmma2g0ecbtfwkk80excq2k";
    private static final String DEAD = "dlv_01kjmma3f8ek2vbda07f3j6nx9";
    private static final String WAITING = "dlv_01kjmma4ege5gabq0k9agptanb";
    private static final String AGAIN = "dlv_01kjmma5drfd5tejx7sdphbbxy";
    private static final String IN_FLIGHT = "dlv_01kjmma6d0e0frnc3we6g9dgs8";
    private static final String CLAIMED = "dlv_01kjmma7c8fjes04de026tggxy";
    private static final String REPLAYED = "dlv_01kjmma8bge5db5n0zfemx7rdh";
    private static final String HELD = "dlv_01kjmma9arek98mmhasz805gvh";
    private static final String OF_A_DELETED_ONE = "dlv_01kjmmaaa0ek09exjvw4daq132";
    private static final String EVENT = "evt_01kjmma2g0e61bvmqfwrg0g992";
    private static final String REPLAY = "rpl_01kjmmwce0f6t88zc3cdrcpx0h";

    @TempDir
    Path temporary;

    private final String url = TestPostgres.newDatabase();
    private final AgroalDataSource pool = TestPostgres.poolOf(url);
    private final FakeSink sink = FakeSink.start();
    private PackagedFanfare fanfare;

    @BeforeEach
    void a_server_of_the_first_schema_was_killed() throws Exception {
        TestPostgres.flyway(url).target("5").load().migrate();
        run("upgrade/v5.sql");
        Files.writeString(Files.createDirectories(data()).resolve("place"), PLACE);
    }

    @AfterEach
    void close() {
        pool.close();
        sink.close();
    }

    @Test
    void what_the_first_schema_holds_is_shown_delivered_and_replayed_and_what_a_later_one_adds_disturbs_nothing()
            throws Exception {
        try (PackagedFanfare started = start()) {
            fanfare = started;
            whatWaitedIsDelivered();
            whatWasWrittenIsShown();
            whatIsOverIsReplayed();
            run("upgrade/later.sql");
            whatIsNewIsDelivered("while another version migrates");
            whatWasWrittenIsShown();
            assertThat(fanfare.terminate()).isZero();
        }
        try (PackagedFanfare again = start()) {
            fanfare = again;
            whatIsNewIsDelivered("on the schema of a later version");
            assertThat(again.output()).contains("is newer than the latest available migration");
            whatWasWrittenIsShown();
            assertThat(fanfare.terminate()).isZero();
        }
        Invariants.holdAtRest(new Tx(pool));
    }

    private PackagedFanfare start() throws IOException {
        Map<String, String> environment = new HashMap<>(TestPostgres.environment(url));
        environment.put("FANFARE_ENCRYPTION_KEY", ENCRYPTION_KEY);
        return PackagedFanfare.start(
                        data(),
                        environment,
                        "-Dquarkus.profile=local",
                        // what is in the files is as old as it is
                        "-Dfanfare.retention.keep=P36500D",
                        "-XX:TieredStopAtLevel=1")
                .awaitReady();
    }

    private Path data() {
        return temporary.resolve("data");
    }

    private void run(String script) throws IOException {
        String sql = Files.readString(Path.of("src/test/resources", script)).replace(":sink", sink.url(""));
        new Tx(pool).run(connection -> {
            try (Statement statement = connection.createStatement()) {
                return statement.execute(sql);
            }
        });
    }

    private void whatWaitedIsDelivered() {
        Map<String, String> attempts = new TreeMap<>();
        for (Request request : sink.awaitRequests(5)) {
            attempts.put(request.header("webhook-id"), request.header("fanfare-attempt"));
            assertThat(request.path()).isEqualTo("/active");
            assertThat(request.header("authorization")).isEqualTo("Bearer token-of-the-upgrade-test");
            assertThat(request.header("x-team")).isEqualTo("orders");
            assertThat(request).satisfies(UpgradeIT::verifies);
        }
        assertThat(attempts)
                .containsOnly(
                        Map.entry(WAITING, "1"),
                        Map.entry(AGAIN, "2"),
                        Map.entry(IN_FLIGHT, "1"),
                        Map.entry(CLAIMED, "1"),
                        Map.entry(REPLAYED, "4"));
        assertThat(request(WAITING).body()).containsExactly(0, 0xff, 13, 10);
        for (String delivery : attempts.keySet()) {
            awaitState(delivery, "delivered");
        }
        awaitState(OF_A_DELETED_ONE, "cancelled");
        await().untilAsserted(() ->
                operator("/v1/replays/" + REPLAY).body("state", equalTo("done")).body("delivered", equalTo(1)));
    }

    private void whatWasWrittenIsShown() {
        operator("/v1/subscriptions").body("id", equalTo(List.of(DISABLED, PAUSED, ACTIVE)));
        operator("/v1/subscriptions/" + DISABLED)
                .body("status.state", equalTo("disabled"))
                .body("status.reason", equalTo("gone"))
                .body("status.matching", equalTo(false));
        operator("/v1/deliveries")
                .body("id", hasItems(DELIVERED, DEAD, WAITING, AGAIN, IN_FLIGHT, CLAIMED, REPLAYED, HELD));
        operator("/v1/deliveries/" + DEAD + "/attempts")
                .body("find { it.number == 1 }.status", equalTo(500))
                .body("find { it.number == 1 }.reason", equalTo("httpstatus"))
                .body("find { it.number == 1 }.responsebody", equalTo("no"));
        operator("/v1/events?source=/shop/1&id=delivered").body("event", equalTo(List.of(EVENT)));
        operator("/v1/events/" + EVENT)
                .body(containsString("\"data\":{\"order\": 7.0}"))
                .body("count", equalTo(-3))
                .body("express", equalTo(true))
                .body("time", equalTo("2026-03-01T12:59:59.5+01:00"));
    }

    private void whatIsOverIsReplayed() throws IOException {
        post("/v1/replays", "application/json", "{'deliveries':['" + DEAD + "','" + DELIVERED + "']}", 202);
        post("/v1/subscriptions/" + PAUSED + "/resume", "application/json", "", 200);
        sink.awaitRequests(8);
        assertThat(sink.requests("/paused")).singleElement().satisfies(request -> {
            assertThat(request.header("webhook-id")).isEqualTo(HELD);
            verifies(request);
        });
        assertThat(request(DEAD).header("fanfare-attempt")).isEqualTo("4");
        assertThat(request(DEAD).text()).isEqualTo("grüße");
        assertThat(request(DELIVERED).header("ce-region")).isEqualTo("south");
        awaitState(DEAD, "delivered");
        awaitState(HELD, "delivered");
    }

    /** A copy of an old event is known as one, and a new one goes to the subscriptions of then. */
    private void whatIsNewIsDelivered(String id) throws IOException {
        String head = "{'specversion':'1.0','source':'/shop/1','type':'com.example.order',";
        String copy = head + "'id':'delivered','subject':'7','time':'2026-03-01T12:59:59.5+01:00','count':-3"
                + ",'express':true,'region':'south','data':{'order': 7.0}}";
        assertThat(post("/v1/events", "application/cloudevents+json; charset=utf-8", copy, 202))
                .contains("\"duplicate\":true", "\"same\":true", EVENT);
        int before = sink.requests("/active").size();
        post("/v1/events", "application/cloudevents+json; charset=utf-8", head + "'id':'" + id + "'}", 202);
        await().until(() -> sink.requests("/active").size() == before + 1);
    }

    private Request request(String delivery) {
        return sink.requests().stream()
                .filter(request -> request.header("webhook-id").equals(delivery))
                .findFirst()
                .orElseThrow();
    }

    private static void verifies(Request request) {
        assertThat(request.header("webhook-signature"))
                .isEqualTo(Signatures.sign(
                        List.of(WebhookSecret.parse(SIGNING_SECRET)),
                        request.header("webhook-id"),
                        Long.parseLong(request.header("webhook-timestamp")),
                        request.body()));
    }

    private void awaitState(String delivery, String state) {
        await().untilAsserted(() -> operator("/v1/deliveries/" + delivery).body("state", equalTo(state)));
    }

    private ValidatableResponse operator(String path) {
        return fanfare.as(OPERATOR_KEY).get(path).then().statusCode(200);
    }

    private String post(String path, String contentType, String body, int status) {
        return fanfare.as(OPERATOR_KEY)
                .contentType(contentType)
                .body(body.replace('\'', '"'))
                .post(path)
                .then()
                .statusCode(status)
                .extract()
                .asString();
    }

    private static ConditionFactory await() {
        return Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(100));
    }
}
