package dev.fanfare.story;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import dev.fanfare.platform.TypeId;
import dev.fanfare.signing.WebhookSecret;
import dev.fanfare.subscription.Credential;
import dev.fanfare.subscription.Directory;
import dev.fanfare.subscription.LiveSubscription;
import dev.fanfare.subscription.Subscriptions;
import dev.fanfare.testing.FanfareTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(FanfareTestResource.class)
class SubscriptionsStoryTest {
    private static final String SINK = "https://receiver.example/hook";

    @Inject
    Directory directory;

    @Inject
    Subscriptions subscriptions;

    @Inject
    Tx tx;

    @BeforeEach
    void the_server_is_ready_and_has_no_subscriptions() {
        Awaitility.await().until(() -> asOperator().get("/v1/subscriptions").statusCode() == 200);
        nothing_is_left_to_other_stories();
    }

    @AfterEach
    void nothing_is_left_to_other_stories() {
        List<String> ids =
                asOperator().get("/v1/subscriptions?limit=500").jsonPath().getList("id");
        ids.forEach(id -> asOperator().delete("/v1/subscriptions/" + id));
    }

    @Test
    void a_new_subscription_is_shown_with_its_defaults_and_once_with_its_secret() {
        ValidatableResponse created =
                post("{\"sink\":\"" + SINK + "\",\"protocol\":\"HTTP\"}").statusCode(201);

        String id = created.extract().path("id");
        created.header("Location", equalTo("/v1/subscriptions/" + id))
                .header("ETag", equalTo("\"1\""))
                .body("id", matchesPattern("sub_[0-9a-z]{26}"))
                .body("protocolsettings.secret", startsWith("whsec_"))
                .body("protocolsettings.timeout", equalTo("PT15S"))
                .body("protocolsettings.maxinflight", equalTo(64))
                .body("protocolsettings.contentmode", equalTo("structured"))
                .body("protocolsettings.retry.schedule.size()", equalTo(9))
                .body("active", equalTo(true))
                .body("status.state", equalTo("active"))
                .body("createdat", matchesPattern("[0-9-]{10}T[0-9:]{8}\\.[0-9]{3}Z"));
        get(id).statusCode(200).body("protocolsettings.secret", nullValue()).body("sink", equalTo(SINK));
        assertThat(live(id).secretsAt(Instant.now()))
                .containsExactly(WebhookSecret.parse(created.extract().path("protocolsettings.secret")));
    }

    @Test
    void the_id_and_read_only_members_that_a_client_sends_are_ignored() {
        post("{\"id\":\"mine\",\"status\":{\"state\":\"disabled\"},\"createdat\":1,\"sink\":\"" + SINK + "\"}")
                .statusCode(201)
                .body("id", startsWith("sub_"))
                .body("status.state", equalTo("active"));
    }

    @Test
    void what_is_got_can_be_put_back_and_changes_nothing() {
        String id = create("\"name\":\"orders\",\"types\":[\"a\"]");
        String shown = get(id).extract().asString();

        put(id, shown).statusCode(200).header("ETag", equalTo("\"1\""));

        assertThat(get(id).extract().asString()).isEqualTo(shown);
    }

    @Test
    void a_put_replaces_the_whole_configuration() {
        String id = create("\"name\":\"orders\",\"types\":[\"a\"],\"protocolsettings\":{\"timeout\":\"PT5S\"}");

        put(id, "{\"sink\":\"https://other.example/\"}")
                .statusCode(200)
                .header("ETag", equalTo("\"2\""))
                .body("name", nullValue())
                .body("types", nullValue())
                .body("protocolsettings.timeout", equalTo("PT15S"))
                .body("sink", equalTo("https://other.example/"));
        assertThat(live(id).sinkRevision()).isEqualTo(2);
    }

    @Test
    void a_stale_if_match_is_412_and_changes_nothing() {
        String id = create("\"name\":\"one\"");
        put(id, "{\"sink\":\"" + SINK + "\",\"name\":\"two\"}").statusCode(200);

        for (String stale : List.of("\"1\"", "W/\"2\"", "2", "\"")) {
            asOperator()
                    .header("If-Match", stale)
                    .contentType("application/json")
                    .body("{\"sink\":\"" + SINK + "\",\"name\":\"three\"}")
                    .put("/v1/subscriptions/" + id)
                    .then()
                    .statusCode(412)
                    .body("code", equalTo("stale"));
        }
        get(id).body("name", equalTo("two"));
        asOperator()
                .header("If-Match", "\"1\", \"2\"")
                .contentType("application/json")
                .body("{\"sink\":\"" + SINK + "\",\"name\":\"three\"}")
                .put("/v1/subscriptions/" + id)
                .then()
                .statusCode(200)
                .body("name", equalTo("three"));
    }

    @Test
    void a_taken_name_is_409_and_names_the_other() {
        String id = create("\"name\":\"orders\"");

        post("{\"sink\":\"" + SINK + "\",\"name\":\"orders\"}")
                .statusCode(409)
                .body("code", equalTo("nametaken"))
                .body("detail", startsWith(id));
        asOperator().delete("/v1/subscriptions/" + id).then().statusCode(200);
        post("{\"sink\":\"" + SINK + "\",\"name\":\"orders\"}").statusCode(201);
    }

    @Test
    void a_credential_is_kept_by_a_put_without_it_removed_by_null_and_never_shown() {
        String id = create(
                "\"sinkcredential\":{\"credentialtype\":\"PLAIN\",\"identifier\":\"bob\",\"secret\":\"hunter2\"}");
        assertThat(get(id).extract().asString()).doesNotContain("hunter2").doesNotContain("sinkcredential");
        assertThat(live(id).credential()).isEqualTo(new Credential.Plain("bob", "hunter2"));

        put(id, "{\"sink\":\"" + SINK + "\",\"name\":\"x\"}").statusCode(200);
        assertThat(live(id).credential()).isEqualTo(new Credential.Plain("bob", "hunter2"));
        assertThat(live(id).sinkRevision()).isEqualTo(1);

        put(id, "{\"sink\":\"" + SINK + "\",\"name\":\"x\",\"sinkcredential\":null}")
                .statusCode(200);
        assertThat(live(id).credential()).isNull();
        assertThat(live(id).sinkRevision()).isEqualTo(2);
    }

    @Test
    void secrets_are_encrypted_in_the_database() {
        String id = create("\"sinkcredential\":{\"credentialtype\":\"ACCESSTOKEN\",\"accesstoken\":\"t0ken\"},"
                + "\"protocolsettings\":{\"secret\":\"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz\"}");

        List<String> rows = tx.run(c -> Sql.of(c, """
                        select subscription::text || encode(credential, 'escape') || subscription_secret::text
                               || encode(secret, 'escape')
                        from subscription join subscription_secret on subscription_id = subscription.id
                        where subscription.id = ?
                        """).set(uuid(id)).list(row -> row.getString(1)));

        assertThat(rows).singleElement().asString().doesNotContain("t0ken").doesNotContain("MDEyMzQ1");
    }

    @Test
    void a_new_sink_opens_the_gate_that_the_old_one_closed() {
        String id = create("\"name\":\"x\"");
        tx.run(c -> Sql.of(c, "insert into gate values (?, 1, now() + interval '1 hour')")
                .set(uuid(id))
                .update());
        put(id, "{\"sink\":\"" + SINK + "\",\"name\":\"y\"}").statusCode(200);
        assertThat(gates(id)).isEqualTo(1);

        put(id, "{\"sink\":\"https://other.example/\"}").statusCode(200);

        assertThat(gates(id)).isZero();
    }

    @Test
    void active_pauses_and_resumes_and_does_not_enable_what_is_disabled() {
        String id = create("\"active\":false");
        get(id).body("status.state", equalTo("paused")).body("active", equalTo(false));
        put(id, "{\"sink\":\"" + SINK + "\"}").body("status.state", equalTo("paused"));
        put(id, "{\"sink\":\"" + SINK + "\",\"active\":true}").body("status.state", equalTo("active"));
        put(id, "{\"sink\":\"" + SINK + "\",\"active\":false}").body("status.state", equalTo("paused"));

        assertThat(subscriptions.disable(uuid(id), "gone", 1)).isTrue();

        put(id, "{\"sink\":\"" + SINK + "\",\"active\":true}")
                .body("status.state", equalTo("disabled"))
                .body("status.reason", equalTo("gone"));
        assertThat(live(id).state()).isEqualTo(LiveSubscription.State.DISABLED);
        UUID tenant = live(id).tenantId();
        assertThat(subscriptions
                        .pause(tenant, uuid(id))
                        .json()
                        .at("/status/state")
                        .asText())
                .isEqualTo("disabled");
        assertThat(subscriptions
                        .resume(tenant, uuid(id))
                        .json()
                        .at("/status/state")
                        .asText())
                .isEqualTo("active");
        get(id).body("status.reason", nullValue());
    }

    @Test
    void a_410_of_an_older_sink_disables_nothing() {
        String id = create("\"name\":\"x\"");
        put(id, "{\"sink\":\"https://other.example/\"}").statusCode(200);

        assertThat(subscriptions.disable(uuid(id), "gone", 1)).isFalse();
        assertThat(subscriptions.disable(uuid(id), "gone", 2)).isTrue();
        // another attempt that was under way says the same
        assertThat(subscriptions.disable(uuid(id), "gone", 2)).isTrue();
    }

    @Test
    void a_deleted_subscription_is_shown_a_last_time_and_leaves_a_tombstone_without_secrets() {
        String id =
                create("\"name\":\"x\",\"sinkcredential\":{\"credentialtype\":\"ACCESSTOKEN\",\"accesstoken\":\"t\"}");
        List<UUID> told = new ArrayList<>();
        directory.onChange(told::addAll);

        asOperator()
                .delete("/v1/subscriptions/" + id)
                .then()
                .statusCode(200)
                .body("id", equalTo(id))
                .body("name", equalTo("x"))
                .body("status.state", equalTo("deleted"));

        get(id).statusCode(404).body("code", equalTo("notfound"));
        asOperator().delete("/v1/subscriptions/" + id).then().statusCode(404);
        put(id, "{\"sink\":\"" + SINK + "\"}").statusCode(404);
        assertThat(directory.find(uuid(id))).isNull();
        assertThat(told).contains(uuid(id));
        List<String> tombstones =
                tx.run(c -> Sql.of(c, """
                                select state, credential is null and not exists (
                                    select from subscription_secret where subscription_id = subscription.id)
                                from subscription where id = ?
                                """).set(uuid(id)).list(row -> row.getString(1) + row.getBoolean(2)));
        assertThat(tombstones).containsExactly("deletedtrue");
    }

    @Test
    void every_change_raises_both_routing_versions() {
        String id = create("\"name\":\"x\"");
        UUID tenant = live(id).tenantId();
        long before = installationVersion();
        long routed = directory.version(tenant);

        put(id, "{\"sink\":\"" + SINK + "\",\"name\":\"y\"}");
        subscriptions.pause(tenant, uuid(id));
        subscriptions.pause(tenant, uuid(id));
        rotate(id, "{}").statusCode(200);

        assertThat(installationVersion()).isEqualTo(before + 3);
        assertThat(directory.version(tenant)).isEqualTo(routed + 3);
        assertThat(live(id).routingVersion()).isEqualTo(routed + 3);
    }

    @Test
    void during_a_rotation_both_secrets_sign_and_afterwards_only_the_new_one() {
        ValidatableResponse created = post("{\"sink\":\"" + SINK + "\"}");
        String id = created.extract().path("id");
        WebhookSecret old = WebhookSecret.parse(created.extract().path("protocolsettings.secret"));

        ValidatableResponse rotated = rotate(id, "{\"overlap\":\"PT1H\"}").statusCode(200);

        WebhookSecret current = WebhookSecret.parse(rotated.extract().path("secret"));
        Instant end = Instant.parse(rotated.extract().path("previousexpiresat"));
        assertThat(live(id).secretsAt(end.minusSeconds(1))).containsExactly(current, old);
        assertThat(live(id).secretsAt(end.plusSeconds(1))).containsExactly(current);
        get(id).header("ETag", equalTo("\"1\""));

        rotate(id, "{\"overlap\":\"PT0S\"}").statusCode(200);
        assertThat(live(id).secretsAt(Instant.EPOCH)).hasSize(1).doesNotContain(old, current);
    }

    @Test
    void a_rotation_takes_a_secret_of_the_clients_own_but_not_the_current_one() {
        String id = create("\"name\":\"x\"");
        String own = WebhookSecret.generate().text();

        rotate(id, "{\"secret\":\"" + own + "\"}").statusCode(200).body("secret", equalTo(own));

        rotate(id, "{\"secret\":\"" + own + "\"}").statusCode(400).body("errors.pointer", hasItem("/secret"));
        rotate(id, "{\"overlap\":\"P8D\"}").statusCode(400).body("errors.pointer", hasItem("/overlap"));
        rotate(id, "{\"over\":\"P1D\"}").statusCode(400).body("code", equalTo("unknownmember"));
    }

    @Test
    void secrets_that_cannot_be_decrypted_are_mended_by_others() {
        String credential = "\"sinkcredential\":{\"credentialtype\":\"ACCESSTOKEN\",\"accesstoken\":\"t\"}";
        String id = create("\"name\":\"x\"," + credential);
        tx.run(c -> Sql.of(c, "update subscription set credential_key_id = 'lost' where id = ?")
                .set(uuid(id))
                .update());
        tx.run(c -> Sql.of(c, "update subscription_secret set key_id = 'lost' where subscription_id = ?")
                .set(uuid(id))
                .update());

        rotate(id, "{\"overlap\":\"PT0S\"}").statusCode(200);
        assertThat(live(id).state()).as("half mended").isEqualTo(LiveSubscription.State.UNUSABLE);
        get(id).body("status.state", equalTo("active")).body("status.reason", equalTo("secretsunusable"));

        put(id, "{\"sink\":\"" + SINK + "\",\"name\":\"x\"," + credential + "}")
                .statusCode(200)
                .body("status.reason", nullValue());
        assertThat(live(id).state()).isEqualTo(LiveSubscription.State.ACTIVE);
        get(id).body("status.reason", nullValue());
    }

    @Test
    void secrets_that_are_valid_at_once_are_bounded() {
        String id = create("\"name\":\"x\"");
        for (int i = 0; i < 4; i++) {
            rotate(id, "").statusCode(200);
        }
        rotate(id, "").statusCode(409).body("code", equalTo("conflict"));
        rotate(id, "{\"overlap\":\"PT0S\"}").statusCode(200);
        rotate(id, "").statusCode(200);
    }

    @Test
    void a_put_may_repeat_the_secret_but_not_change_it() {
        String own = WebhookSecret.generate().text();
        String id = create("\"protocolsettings\":{\"secret\":\"" + own + "\"}");

        put(id, "{\"sink\":\"" + SINK + "\",\"protocolsettings\":{\"secret\":\"" + own + "\"}}")
                .statusCode(200);
        put(
                        id,
                        "{\"sink\":\"" + SINK + "\",\"protocolsettings\":{\"secret\":\""
                                + WebhookSecret.generate().text() + "\"}}")
                .statusCode(400)
                .body("errors[0].pointer", equalTo("/protocolsettings/secret"))
                .body("errors[0].detail", matchesPattern(".*/secret/rotate"));
    }

    @Test
    void the_list_is_newest_first_filtered_and_paged() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            ids.add(0, create("\"name\":\"n" + i + "\",\"active\":" + (i != 3)));
        }
        List<String> seen = new ArrayList<>();
        String query = "?limit=2";
        for (int page = 0; page < 3 && query != null; page++) {
            var response = asOperator().urlEncodingEnabled(false).get("/v1/subscriptions" + query);
            seen.addAll(response.jsonPath().getList("id"));
            query = next(response.header("Link"));
        }
        assertThat(seen).isEqualTo(ids);
        assertThat(query).isNull();

        asOperator().get("/v1/subscriptions?name=n2").then().body("name", equalTo(List.of("n2")));
        asOperator().get("/v1/subscriptions?state=paused").then().body("name", equalTo(List.of("n3")));
        asOperator().get("/v1/subscriptions?nam=n2").then().statusCode(400).body("code", equalTo("unknownparameter"));
        asOperator().get("/v1/subscriptions?state=unusable").then().statusCode(400);
        asOperator().get("/v1/subscriptions?limit=0").then().statusCode(400).body("code", equalTo("invalid"));
        String cursor = next(asOperator().get("/v1/subscriptions?limit=1").header("Link"));
        asOperator()
                .urlEncodingEnabled(false)
                .get("/v1/subscriptions" + cursor + "&name=n1")
                .then()
                .statusCode(400)
                .body("code", equalTo("badcursor"));
    }

    @Test
    void options_says_what_can_be_done() {
        asOperator().options("/v1/subscriptions").then().statusCode(200).header("Allow", "GET, HEAD, OPTIONS, POST");
        asOperator()
                .options("/v1/subscriptions/" + create("\"name\":\"x\""))
                .then()
                .statusCode(200)
                .header("Allow", "DELETE, GET, HEAD, OPTIONS, PUT");
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/v1/nothing,404,notfound",
        "GET,/v1/subscriptions/nothing,404,notfound",
        "GET,/v1/subscriptions/sub_00000000000000000000000000,404,notfound",
        "DELETE,/v1/subscriptions,405,methodnotallowed",
        "POST,/v1/subscriptions,415,unsupportedmediatype"
    })
    void refusals_are_problems_with_a_request_id(String method, String path, int status, String code) {
        ValidatableResponse refused = asOperator()
                .urlEncodingEnabled(false)
                .header("x-request-id", "my-request.1")
                .request(method, path)
                .then()
                .statusCode(status)
                .header("x-request-id", equalTo("my-request.1"));
        refused.contentType("application/problem+json")
                .body("code", equalTo(code))
                .body("type", equalTo("urn:problem-type:fanfare:" + code))
                .body("status", equalTo(status))
                .body("requestid", equalTo("my-request.1"));
    }

    @Test
    void a_405_says_what_is_allowed() {
        asOperator()
                .delete("/v1/subscriptions")
                .then()
                .statusCode(405)
                .header("Allow", equalTo("GET, HEAD, OPTIONS, POST"));
    }

    @Test
    void an_accept_that_nothing_fits_is_406() {
        asOperator()
                .accept("image/png")
                .get("/v1/subscriptions")
                .then()
                .statusCode(406)
                .body("code", equalTo("notacceptable"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"appli cation//json;;", "json", "application/", "application/json; charset", "*/*"})
    void a_malformed_content_type_is_415(String contentType) throws IOException {
        String answer =
                raw("POST /v1/subscriptions HTTP/1.1", "Content-Type: " + contentType, "Content-Length: 2", "", "{}");

        assertThat(answer).startsWith("HTTP/1.1 415").contains("application/problem+json", "unsupportedmediatype");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/subscriptions?state=%ff", "/v1/subscriptions/%ff", "/v1/%00"})
    void a_malformed_target_is_refused_as_a_problem(String target) throws IOException {
        String answer = raw("GET " + target + " HTTP/1.1", "", "");

        assertThat(answer).matches("(?s)HTTP/1.1 40[04] .*application/problem\\+json.*");
    }

    @Test
    void a_body_that_is_too_large_or_no_json_is_refused() {
        post("{\"sink\":\"" + "x".repeat(300_000) + "\"}").statusCode(413).body("code", equalTo("toolarge"));
        post("{\"sink\":").statusCode(400).body("code", equalTo("malformed"));
    }

    @Test
    void without_a_key_it_is_401() {
        given().get("/v1/subscriptions")
                .then()
                .statusCode(401)
                .header("WWW-Authenticate", startsWith("Bearer"))
                .header("x-request-id", not(nullValue()))
                .body("code", equalTo("unauthorized"));
    }

    @Test
    void a_sink_on_a_private_network_is_refused_at_creation() {
        for (String sink : List.of(
                "https://10.1.2.3/", "https://192.168.0.1/", "https://169.254.169.254/", "https://[fd00::1]/")) {
            post("{\"sink\":\"" + sink + "\"}").statusCode(400).body("errors[0].pointer", equalTo("/sink"));
        }
    }

    private static String create(String members) {
        return post("{\"sink\":\"" + SINK + "\"," + members + "}")
                .statusCode(201)
                .extract()
                .path("id");
    }

    private static ValidatableResponse post(String body) {
        return asOperator()
                .contentType("application/json")
                .body(body)
                .post("/v1/subscriptions")
                .then();
    }

    private static ValidatableResponse put(String id, String body) {
        return asOperator()
                .contentType("application/json")
                .body(body)
                .put("/v1/subscriptions/" + id)
                .then();
    }

    private static ValidatableResponse get(String id) {
        return asOperator().get("/v1/subscriptions/" + id).then();
    }

    private static ValidatableResponse rotate(String id, String body) {
        return asOperator()
                .contentType("application/json")
                .body(body)
                .post("/v1/subscriptions/" + id + "/secret/rotate")
                .then();
    }

    private static RequestSpecification asOperator() {
        return RestAssured.given().header("Authorization", "Bearer " + FanfareTestResource.OPERATOR_KEY);
    }

    /** What no proper client sends. */
    private static String raw(String requestLine, String... rest) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", RestAssured.port)) {
            String head = requestLine + "\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer "
                    + FanfareTestResource.OPERATOR_KEY + "\r\n" + String.join("\r\n", rest);
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private LiveSubscription live(String id) {
        LiveSubscription live = directory.find(uuid(id));
        assertThat(live).isNotNull();
        return live;
    }

    private long gates(String id) {
        return tx.run(c -> Sql.of(c, "select count(*) from gate where subscription_id = ?")
                .set(uuid(id))
                .list(row -> row.getLong(1))
                .get(0));
    }

    private long installationVersion() {
        return tx.run(c -> Sql.of(c, "select routing_version from instance")
                .list(row -> row.getLong(1))
                .get(0));
    }

    private static UUID uuid(String id) {
        return TypeId.parse("sub", id);
    }

    private static @Nullable String next(@Nullable String link) {
        Matcher matcher = Pattern.compile("<([^>]+)>; rel=\"next\"").matcher(String.valueOf(link));
        return matcher.find() ? matcher.group(1) : null;
    }
}
