package dev.fanfare.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import com.standardwebhooks.Webhook;
import dev.fanfare.testing.EmbeddedDatabase;
import dev.fanfare.testing.FakeSink;
import dev.fanfare.testing.FakeSink.Answer;
import dev.fanfare.testing.FakeSink.Request;
import dev.fanfare.testing.PackagedFanfare;
import io.restassured.path.json.JsonPath;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged jar, logging all that it can, is given a secret of every kind. Each is used as it should be and in every
 * way that fails; then each is looked for in all that was logged, answered and stored.
 */
class SecretsIT {
    @TempDir
    Path temporary;

    private final Wiretap tap = new Wiretap();
    private final Secrets secrets = new Secrets();
    /** By path of the receiver. */
    private final Map<String, Subscribed> subscriptions = new HashMap<>();

    private PackagedFanfare fanfare;
    private FakeSink sink;
    private EmbeddedDatabase database;
    private String operatorKey;

    /**
     * A subscription.
     *
     * @param header that carries its credential
     */
    private record Subscribed(String id, String secret, String header, String credential) {}

    @Test
    void no_secret_is_in_a_log_an_answer_or_a_table() throws Exception {
        try (FakeSink listening = FakeSink.start();
                PackagedFanfare started = start()) {
            sink = listening;
            fanfare = started;
            knowWhatTheStartMade();
            subscribeWithACredentialOfEachKind();
            useEach();
            sendToReceiversThatRefuse();
            rotate();
            callWithKeysThatAreWrong();
            sendBodiesThatAreRefused();
            failInTheDatabase();
            takeTheDatabaseAway();
            readWhatOperatorsRead();
            String tables = database.dump();
            assertThat(fanfare.terminate()).isZero();
            String log = withoutTheBanner();
            String postgresLog = postgresLog();
            assertAll(
                    () -> secrets.areNotIn("the tables", tables, "subscription_secret"),
                    () -> secrets.areNotIn("the log", log, "address=127.0.0.1"),
                    () -> secrets.areNotIn("Postgres' log", postgresLog, "violates check constraint"),
                    () -> secrets.areNotIn("the answers", tap.all(), "X-Echo"));
        }
    }

    private PackagedFanfare start() throws Exception {
        return PackagedFanfare.start(
                        data(),
                        Map.of(),
                        "-Dquarkus.profile=local",
                        "-Dquarkus.log.category.\"dev.fanfare\".level=DEBUG",
                        "-XX:TieredStopAtLevel=1")
                .awaitReady();
    }

    private Path data() {
        return temporary.resolve("data");
    }

    private void knowWhatTheStartMade() throws Exception {
        database = new EmbeddedDatabase(data());
        operatorKey = secrets.known("operator's key", fanfare.operatorKey());
        secrets.known("Postgres' password", database.password());
        String key = Files.readString(data().resolve("encryption.key")).strip();
        secrets.known("encryption key", key);
        secrets.known(
                "encryption key in hex",
                HexFormat.of().formatHex(Base64.getDecoder().decode(key)));
    }

    private void subscribeWithACredentialOfEachKind() throws Exception {
        String password = secrets.random("PLAIN credential");
        subscribe(
                "/plain",
                "{'credentialtype':'PLAIN','identifier':'user','secret':'" + password + "'}",
                "authorization",
                "Basic " + secrets.base64("PLAIN credential as sent", "user:" + password));
        String token = secrets.random("ACCESSTOKEN credential");
        subscribe(
                "/token",
                "{'credentialtype':'ACCESSTOKEN','accesstoken':'" + token + "'}",
                "authorization",
                "Bearer " + token);
        String value = secrets.random("HEADER credential");
        subscribe(
                "/header",
                "{'credentialtype':'HEADER','name':'X-Api-Key','value':'" + value + "'}",
                "x-api-key",
                value);
    }

    private void subscribe(String path, String credential, String header, String sent) throws Exception {
        String secret = secrets.signing("signing secret", 32);
        String body = subscription(path, credential, secret);
        HttpResponse<String> created = call("POST", "/v1/subscriptions", body);
        assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
        tap.mayShow(secret);
        String id = JsonPath.from(created.body()).getString("id");
        subscriptions.put(path, new Subscribed(id, secret, header, sent));
        assertThat(call("PUT", "/v1/subscriptions/" + id, body).statusCode()).isEqualTo(200);
    }

    private String subscription(String path, String credential, String secret) {
        return "{'sink':'" + sink.url(path) + "','sinkcredential':" + credential + ",'protocolsettings':{'secret':'"
                + secret + "','retry':{'schedule':['PT0.1S'],'jitter':0}}}";
    }

    private void useEach() throws Exception {
        assertThat(post("used")).isEqualTo(202);
        sink.awaitRequests(subscriptions.size());
        for (Map.Entry<String, Subscribed> each : subscriptions.entrySet()) {
            Request request = sink.requests(each.getKey()).get(0);
            Subscribed subscribed = each.getValue();
            assertThat(request.header(subscribed.header())).isEqualTo(subscribed.credential());
            new Webhook(subscribed.secret()).verify(request.text(), headers(request));
        }
    }

    /** One says no, one breaks the connection, and one answers with all that it was sent. */
    private void sendToReceiversThatRefuse() throws Exception {
        sink.on("/plain", Answer.status(401, "WWW-Authenticate", "Basic"));
        sink.on("/token", Answer.reset());
        sink.on("/header", (request, socket) -> Answer.status(
                        500, request.headers().toString().getBytes(UTF_8), "X-Echo", request.header("x-api-key"))
                .give(request, socket));
        assertThat(post("refused")).isEqualTo(202);
        patiently().untilAsserted(() -> assertThat(
                        database.query("select count(*) from fanfare.delivery where state = 'dead'"))
                .isEqualTo("3"));
        HttpResponse<String> deliveries = call("GET", "/v1/deliveries", null);
        for (String id : JsonPath.from(deliveries.body()).<String>getList("id")) {
            assertThat(call("GET", "/v1/deliveries/" + id + "/attempts", null).statusCode())
                    .isEqualTo(200);
        }
    }

    private void rotate() throws Exception {
        String path = "/v1/subscriptions/" + subscriptions.get("/plain").id() + "/secret/rotate";
        HttpResponse<String> rotated = call("POST", path, "{}");
        tap.mayShow(
                secrets.known("generated secret", JsonPath.from(rotated.body()).getString("secret")));
        String own = "{'secret':'" + secrets.signing("secret to rotate to", 24) + "'}";
        assertThat(call("POST", path, own).statusCode()).isEqualTo(200);
        tap.mayShow(own.substring(own.indexOf("whsec_"), own.length() - 2));
        assertThat(call("POST", path, own).statusCode()).isEqualTo(400);
    }

    private void callWithKeysThatAreWrong() throws Exception {
        String wrong = secrets.known("wrong key", "ff_operator_" + secrets.random("wrong key's end"));
        String right = "Bearer " + operatorKey;
        for (String path : List.of("/v1/subscriptions", "/v1/events")) {
            String uri = fanfare.address() + path;
            String basic = "Basic " + secrets.base64("key as password", "operator:" + operatorKey);
            for (String authorization :
                    List.of("Bearer " + wrong, right + "x", operatorKey, basic, right + " " + operatorKey)) {
                is(401, tap.send("POST", uri, "{}", "Authorization", authorization));
            }
            is(401, tap.send("POST", uri, "{}", "Authorization", right, "Authorization", "Bearer " + wrong));
            is(401, tap.send("POST", uri + "?access_token=" + operatorKey, "{}"));
            is(400, tap.send("POST", uri, "{}", "Authorization", right, "Fanfare-Tenant", wrong));
            is(404, tap.send("GET", uri + "/" + wrong, null, "Authorization", right));
            is(400, tap.send("GET", uri + "?cursor=" + wrong, null, "Authorization", right));
        }
    }

    private void sendBodiesThatAreRefused() throws Exception {
        String one = "/v1/subscriptions/" + subscriptions.get("/plain").id();
        for (String body : new RefusedBodies(secrets).all()) {
            is(400, call("POST", "/v1/subscriptions", body));
            is(400, call("PUT", one, body));
            is(400, call("POST", one + "/secret/rotate", body));
            is(400, call("POST", "/v1/replays", body));
            is(400, call("POST", "/v1/events", body));
            is(415, tap.send("POST", fanfare.address() + one + "/secret/rotate", body, authorized("text/plain")));
        }
    }

    private void failInTheDatabase() throws Exception {
        database.run("alter table fanfare.subscription_secret add constraint refused check (key_id is null) not valid");
        changesAreAnswered(500);
        database.run("alter table fanfare.subscription_secret drop constraint refused");
        database.run("alter table fanfare.subscription_secret rename to hidden");
        changesAreAnswered(500);
        database.run("alter table fanfare.hidden rename to subscription_secret");
    }

    private void takeTheDatabaseAway() throws Exception {
        try (Connection connection = database.connect("template1");
                Statement statement = connection.createStatement()) {
            statement.execute("alter database postgres allow_connections false");
            statement.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'postgres'");
            changesAreAnswered(503);
            is(503, tapped("away"));
            statement.execute("alter database postgres allow_connections true");
        }
        patiently().until(() -> post("back") == 202);
    }

    private void changesAreAnswered(int status) throws Exception {
        String secret = secrets.signing("signing secret that was not kept", 24);
        String credential = "{'credentialtype':'ACCESSTOKEN','accesstoken':'"
                + secrets.random("credential that was not kept") + "'}";
        is(status, call("POST", "/v1/subscriptions", subscription("/new", credential, secret)));
        String rotate = "/v1/subscriptions/" + subscriptions.get("/token").id() + "/secret/rotate";
        is(status, call("POST", rotate, "{'secret':'" + secret + "'}"));
    }

    private static void is(int status, HttpResponse<String> response) {
        assertThat(response.statusCode())
                .as("%s %s: %s", response.request().method(), response.uri(), response.body())
                .isEqualTo(status);
    }

    private void readWhatOperatorsRead() throws Exception {
        for (String path : List.of("/v1/subscriptions", "/v1/deliveries", "/v1/events", "/v1/replays")) {
            is(200, call("GET", path, null));
        }
        for (String path : List.of("/q/metrics", "/q/health", "/q/openapi")) {
            is(200, tap.send("GET", "http://127.0.0.1:" + fanfare.managementPort() + path, null));
        }
    }

    /** The banner of a first start is where the operator's key is shown, once. */
    private String withoutTheBanner() throws Exception {
        String output = fanfare.output();
        int shown = output.indexOf(operatorKey);
        assertThat(output.lastIndexOf("Fanfare is ready.", shown)).isPositive();
        return output.substring(0, shown) + output.substring(shown + operatorKey.length());
    }

    private String postgresLog() throws Exception {
        StringBuilder all = new StringBuilder();
        try (var files = Files.walk(data(), 3)) {
            for (Path log :
                    files.filter(file -> file.toString().endsWith(".log")).toList()) {
                all.append(Files.readString(log));
            }
        }
        return all.toString();
    }

    private int post(String id) throws Exception {
        return tapped(id).statusCode();
    }

    private HttpResponse<String> tapped(String id) throws Exception {
        return call("POST", "/v1/events", "{'specversion':'1.0','id':'" + id + "','source':'/secrets','type':'used'}");
    }

    /** With the operator's key. */
    private HttpResponse<String> call(String method, String path, @Nullable String body) throws Exception {
        String type = path.equals("/v1/events") ? "application/cloudevents+json" : "application/json";
        return tap.send(
                method, fanfare.address() + path, body == null ? null : body.replace('\'', '"'), authorized(type));
    }

    private String[] authorized(String contentType) {
        return new String[] {"Authorization", "Bearer " + operatorKey, "Content-Type", contentType};
    }

    private static Map<String, List<String>> headers(Request request) {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        request.headers().forEach(header -> headers.put(header.getKey(), List.of(header.getValue())));
        return headers;
    }

    private static ConditionFactory patiently() {
        return Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(100));
    }
}
