package dev.fanfare.story;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.EmptyWebhookSecretException;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import dev.fanfare.platform.Ids;
import dev.fanfare.platform.TypeId;
import dev.fanfare.testing.FakeSink;
import dev.fanfare.testing.FakeSink.Request;
import dev.fanfare.testing.FanfareTestResource;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.restassured.config.EncoderConfig;
import io.restassured.config.RestAssuredConfig;
import io.restassured.http.Header;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What a user does, in few words. Every test has an event type, a source and a receiver of its own, so that stories do
 * not hear of each other. JSON is written with single quotes.
 */
@QuarkusTestResource(FanfareTestResource.class)
abstract class Story {
    static final String STRUCTURED = "application/cloudevents+json";
    /** A tenant of the stories: what others subscribe to in the default one is not heard here. */
    static final String TENANT = "stories";

    static final String BATCH = "application/cloudevents-batch+json";
    private static final Duration PATIENCE = Duration.ofSeconds(FakeSink.PATIENCE_SECONDS);
    private static final RestAssuredConfig AS_WRITTEN = RestAssuredConfig.config()
            .encoderConfig(EncoderConfig.encoderConfig().appendDefaultContentCharsetToContentTypeIfUndefined(false));

    /** The type of this test's events. */
    final String type = "com.example.story." + UUID.randomUUID();

    /** The source of this test's events. */
    final String source = "/stories/" + UUID.randomUUID();

    final FakeSink sink = FakeSink.start();

    @Inject
    AgroalDataSource database;

    /** A subscription as its creation showed it. */
    record Subscribed(String id, String secret) {}

    /** An event as its 202 showed it. */
    record Published(String event, String id, int deliveries) {}

    @BeforeEach
    void the_server_is_ready_and_knows_the_tenant() {
        // as a rule it is: then nothing is waited for
        ConditionFactory atOnce = patiently().pollDelay(Duration.ZERO);
        atOnce.untilAsserted(this::makeTenant);
        atOnce.untilAsserted(() -> post(BATCH, "[]").statusCode(202));
    }

    @AfterEach
    void the_receiver_goes_away() {
        sink.close();
    }

    private void makeTenant() {
        try (Connection connection = database.getConnection();
                PreparedStatement insert = connection.prepareStatement(
                        "insert into tenant (id, name) values (?, ?) on conflict (name) do nothing")) {
            insert.setObject(1, Ids.at(Instant.now()));
            insert.setString(2, TENANT);
            insert.executeUpdate();
        } catch (SQLException e) {
            throw new AssertionError("the schema is not there yet", e);
        }
    }

    static ConditionFactory patiently() {
        return await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50));
    }

    static String json(String singleQuoted) {
        return singleQuoted.replace('\'', '"');
    }

    /** A request with the operator's key, its headers and body sent as they are written. */
    static RequestSpecification operator() {
        return anybody()
                .header("Authorization", "Bearer " + FanfareTestResource.OPERATOR_KEY)
                .header("Fanfare-Tenant", TENANT);
    }

    static RequestSpecification anybody() {
        return given().config(AS_WRITTEN);
    }

    // ---- subscriptions

    /** Subscribes to this test's events; further members as {@code 'name': value}. */
    Subscribed subscribe(String sinkUrl, String... members) {
        return subscribed(trySubscribe(sinkUrl, members));
    }

    Subscribed subscribed(Response response) {
        JsonPath shown = response.then().statusCode(201).extract().jsonPath();
        return new Subscribed(shown.getString("id"), shown.getString("protocolsettings.secret"));
    }

    Response trySubscribe(String sinkUrl, String... members) {
        return operator()
                .contentType("application/json")
                .body(body(sinkUrl, members))
                .post("/v1/subscriptions");
    }

    /** Replaces the whole configuration. */
    ValidatableResponse replace(Subscribed subscription, String sinkUrl, String... members) {
        return operator()
                .contentType("application/json")
                .body(body(sinkUrl, members))
                .put("/v1/subscriptions/" + subscription.id())
                .then();
    }

    private String body(String sinkUrl, String... members) {
        StringBuilder text = new StringBuilder("{'sink':'" + sinkUrl + "','types':['" + type + "']");
        for (String member : members) {
            text.append(',').append(member);
        }
        return json(text.append('}').toString());
    }

    /** {@code protocolsettings} with a schedule of waits without jitter, such as {@code "'PT0.1S'"}. */
    static String retries(String waits) {
        return "'protocolsettings':{'retry':{'schedule':[" + waits + "],'jitter':0}}";
    }

    JsonPath show(Subscribed subscription) {
        return operator()
                .get("/v1/subscriptions/" + subscription.id())
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }

    // ---- events

    /** A structured event of this test's type and source. */
    String event(String id, String data) {
        return json("{'specversion':'1.0','id':'" + id + "','source':'" + source + "','type':'" + type + "','data':"
                + data + "}");
    }

    Published publish(String data) {
        return publishAs(UUID.randomUUID().toString(), data);
    }

    Published publishAs(String id, String data) {
        JsonPath answer =
                post(STRUCTURED, event(id, data)).statusCode(202).extract().jsonPath();
        return new Published(
                answer.getString("accepted[0].event"),
                answer.getString("accepted[0].id"),
                answer.getInt("accepted[0].deliveries"));
    }

    ValidatableResponse post(String contentType, String body) {
        return post(contentType, body.getBytes(StandardCharsets.UTF_8));
    }

    ValidatableResponse post(String contentType, byte[] body, Header... headers) {
        RequestSpecification request = operator().header("Content-Type", contentType);
        for (Header header : headers) {
            request.header(header);
        }
        return request.body(body).post("/v1/events").then();
    }

    // ---- what is stored

    /** How the only delivery of an event is stored: history and, while it waits, its row in the queue. */
    Map<String, Object> delivery(Published event) {
        List<Map<String, Object>> all = deliveries(event);
        if (all.size() != 1) {
            throw new AssertionError(all.size() + " deliveries of " + event);
        }
        return all.get(0);
    }

    List<Map<String, Object>> deliveries(Published event) {
        return rows("""
                select d.id, d.subscription_id, d.state, d.reason, d.dead, d.node, d.last_status, d.settled_at,
                       coalesce(q.attempts, d.attempts) as attempts, q.step, q.due_at, q.reason as waits_because,
                       q.last_status as waits_after, q.id is not null as queued
                from delivery d left join queue q on q.id = d.id
                where d.event_id = ? order by d.id
                """, TypeId.parse("evt", event.event()));
    }

    /** Waits until the only delivery of an event is stored in that state. */
    Map<String, Object> awaitState(Published event, String state) {
        return awaitDelivery(event, delivery -> state.equals(delivery.get("state")));
    }

    Map<String, Object> awaitDelivery(Published event, Predicate<Map<String, Object>> as) {
        return patiently().until(() -> delivery(event), as);
    }

    /** Waits until the only delivery of an event waits for another attempt. */
    Map<String, Object> awaitRetry(Published event) {
        return awaitDelivery(
                event, delivery -> delivery.get("waits_because") != null && delivery.get("due_at") != null);
    }

    /** The attempts of an event's only delivery, in order. */
    List<Map<String, Object>> attempts(Published event) {
        return rows(
                "select number, status, reason, address, late from attempt where delivery_id = ? order by number",
                delivery(event).get("id"));
    }

    /** Waits until the only delivery of an event was attempted so often and all of it is stored. */
    List<Map<String, Object>> awaitAttempts(Published event, int count) {
        return patiently().until(() -> attempts(event), attempts -> attempts.size() >= count);
    }

    Map<String, Object> row(String sql, Object... parameters) {
        List<Map<String, Object>> found = rows(sql, parameters);
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " rows of " + sql);
        }
        return found.get(0);
    }

    long count(String sql, Object... parameters) {
        return (long) row("select count(*) as n from " + sql, parameters).get("n");
    }

    List<Map<String, Object>> rows(String sql, Object... parameters) {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            List<Map<String, Object>> rows = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                int columns = result.getMetaData().getColumnCount();
                while (result.next()) {
                    Map<String, Object> row = new LinkedHashMap<>();
                    for (int column = 1; column <= columns; column++) {
                        row.put(result.getMetaData().getColumnLabel(column), result.getObject(column));
                    }
                    rows.add(row);
                }
            }
            return rows;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    // ---- receivers

    /** Verifies a webhook as a receiver would, with the Standard Webhooks library. */
    static boolean verifies(Request webhook, String secret) {
        Map<String, List<String>> headers = webhook.headers().stream()
                .collect(Collectors.toMap(
                        header -> header.getKey().toLowerCase(Locale.ROOT),
                        header -> List.of(header.getValue()),
                        (first, again) -> first,
                        TreeMap::new));
        try {
            new Webhook(secret).verify(webhook.text(), HttpHeaders.of(headers, (name, value) -> true));
            return true;
        } catch (WebhookVerificationException refused) {
            return false;
        } catch (EmptyWebhookSecretException e) {
            throw new AssertionError(e);
        }
    }
}
