package dev.fanfare.subscription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fanfare.filter.Filter;
import dev.fanfare.platform.Fault;
import dev.fanfare.platform.JsonObjectReader;
import dev.fanfare.platform.Problem;
import dev.fanfare.platform.ProblemException;
import dev.fanfare.platform.ProblemType;
import dev.fanfare.platform.SinkGuard;
import dev.fanfare.platform.SinkGuardConfig;
import dev.fanfare.platform.StrictJson;
import dev.fanfare.subscription.Settings.ContentMode;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubscriptionBodyTest {
    private static final SinkGuard CLOSED = new SinkGuard(new SinkGuardConfig() {
        @Override
        public Optional<List<String>> allowedNetworks() {
            return Optional.empty();
        }

        @Override
        public boolean allowHttp() {
            return false;
        }
    });

    @Test
    void a_sink_alone_has_every_default() {
        Settings settings = read("").configuration().settings();

        assertThat(settings)
                .isEqualTo(new Settings(
                        ContentMode.STRUCTURED,
                        null,
                        Map.of(),
                        Duration.ofSeconds(15),
                        64,
                        new RetryPolicy(
                                SettingsReader.DEFAULT_SCHEDULE,
                                0.2,
                                settings.retry().maxAge(),
                                Set.of())));
        assertThat(settings.retry().maxAge())
                .isEqualTo(Duration.parse("PT75H35M5S").plusDays(1));
    }

    @Test
    void everything_that_is_given_is_taken() {
        SubscriptionBody body = read("""
                ,"id":"x","name":"Orders","description":"two\\nlines","protocol":"HTTP","types":["a","b"],"source":"/shop",
                "filters":[{"prefix":{"subject":"o"}}],"config":{},"active":false,"createdat":"x","updatedat":"y","status":{"a":1},
                "sinkcredential":{"credentialtype":"HEADER","name":"X-Api-Key","value":"s3cret"},
                "protocolsettings":{"method":"POST","contentmode":"binary","headers":{"X-Team":"a b"},"timeout":"PT1.5S",
                  "maxinflight":4096,"retry":{"schedule":["PT0S","PT0.1S","P7D"],"jitter":1,"maxage":"P1D","final":[400,413,413]},
                  "secret":"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"}
                """);

        assertThat(body.configuration().name()).isEqualTo("Orders");
        assertThat(body.configuration().settings())
                .isEqualTo(new Settings(
                        ContentMode.BINARY,
                        null,
                        Map.of("X-Team", "a b"),
                        Duration.ofMillis(1500),
                        4096,
                        new RetryPolicy(
                                List.of(Duration.ZERO, Duration.ofMillis(100), Duration.ofDays(7)),
                                1,
                                Duration.ofDays(1),
                                Set.of(400, 413))));
        assertThat(body.configuration().filter())
                .isEqualTo(new Filter.All(List.of(
                        new Filter.AnyTypeOf(Set.of("a", "b")),
                        new Filter.Exact("source", "/shop"),
                        new Filter.Prefix("subject", "o"))));
        assertThat(body.active()).isFalse();
        assertThat(body.credential()).isNotNull();
    }

    @Test
    void what_is_kept_is_what_the_client_wrote_without_secrets_and_read_only_members_and_reads_the_same() {
        SubscriptionBody body = read("""
                ,"id":"x","status":{},"createdat":1,"updatedat":2,"active":true,"name":null,"types":["a"],
                "sinkcredential":{"credentialtype":"ACCESSTOKEN","accesstoken":"t0ken"},
                "protocolsettings":{"timeout":"PT5S","contenttype":null,"secret":"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"}
                """);

        String json = body.configuration().json().toString();

        assertThat(json)
                .isEqualTo(
                        "{\"sink\":\"https://a.example/\",\"types\":[\"a\"],\"protocolsettings\":{\"timeout\":\"PT5S\"}}");
        assertThat(Configuration.stored(json)).isEqualTo(body.configuration());
    }

    @ParameterizedTest
    @CsvSource({
        "'',false,false",
        "'\"sinkcredential\":null',true,false",
        "'\"sinkcredential\":{\"credentialtype\":\"PLAIN\",\"identifier\":\"a\",\"secret\":\"b\"}',true,true"
    })
    void absent_and_null_credentials_are_told_apart(String member, boolean given, boolean there) {
        SubscriptionBody body = read(member.isEmpty() ? "" : "," + member);

        assertThat(body.credentialGiven()).isEqualTo(given);
        assertThat(body.credential() != null).isEqualTo(there);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // misspelt or misplaced
                "\"filter\":[]|/filter|unknownmember",
                "\"sinkCredential\":{}|/sinkCredential|unknownmember",
                "\"secret\":\"x\"|/secret|unknownmember",
                "\"config\":{\"a\":1}|/config/a|unknownmember",
                "\"protocolsettings\":{\"retries\":3}|/protocolsettings/retries|unknownmember",
                "\"protocolsettings\":{\"retry\":{\"max\":3}}|/protocolsettings/retry/max|unknownmember",
                "\"protocolsettings\":{\"http://a/~b\":3}|/protocolsettings/http:~1~1a~1~0b|unknownmember",
                // names and words
                "\"name\":\"\"|/name|invalid",
                "\"name\":\" \"|/name|invalid",
                "\"name\":\"a\\tb\"|/name|invalid",
                "\"name\":5|/name|wrongtype",
                "\"name\":\"\\u0000\"|/name|invalid",
                "\"description\":{}|/description|wrongtype",
                "\"protocol\":\"http\"|/protocol|invalid",
                "\"protocol\":\"KAFKA\"|/protocol|invalid",
                "\"active\":\"true\"|/active|wrongtype",
                // which events
                "\"types\":[]|/types|invalid",
                "\"types\":\"a\"|/types|wrongtype",
                "\"types\":[\"a\",1]|/types/1|wrongtype",
                "\"types\":[\"a\",\"\"]|/types/1|invalid",
                "\"types\":[1,\"\"]|/types/1|invalid",
                "\"source\":\"\"|/source|invalid",
                "\"source\":\"a b\"|/source|invalid",
                "\"filters\":{}|/filters|wrongtype",
                "\"filters\":[{\"exact\":{\"type\":\"\"}}]|/filters/0/exact/type|invalid",
                "\"filters\":[{\"all\":[{\"sql\":\"TRUE\"}]}]|/filters/0/all/0/sql|notyet",
                "\"filters\":[{\"exakt\":{}}]|/filters/0/exakt|unknownmember",
                // credentials
                "\"sinkcredential\":\"x\"|/sinkcredential|wrongtype",
                "\"sinkcredential\":{}|/sinkcredential/credentialtype|missing",
                "\"sinkcredential\":{\"credentialtype\":\"plain\"}|/sinkcredential/credentialtype|invalid",
                "\"sinkcredential\":{\"credentialtype\":\"REFRESHTOKEN\",\"accesstoken\":\"x\"}|/sinkcredential/credentialtype|notyet",
                "\"sinkcredential\":{\"credentialtype\":\"PLAIN\",\"identifier\":\"a\"}|/sinkcredential/secret|missing",
                "\"sinkcredential\":{\"credentialtype\":\"PLAIN\",\"identifier\":\"a:b\",\"secret\":\"x\"}|/sinkcredential/identifier|invalid",
                "\"sinkcredential\":{\"credentialtype\":\"PLAIN\",\"identifier\":\"a\",\"secret\":\"x\\n\"}|/sinkcredential/secret|invalid",
                "\"sinkcredential\":{\"credentialtype\":\"ACCESSTOKEN\"}|/sinkcredential/accesstoken|missing",
                "\"sinkcredential\":{\"credentialtype\":\"ACCESSTOKEN\",\"accesstoken\":\"a b\"}|/sinkcredential/accesstoken|invalid",
                "\"sinkcredential\":{\"credentialtype\":\"ACCESSTOKEN\",\"accesstoken\":\"a\\r\\nX: y\"}|/sinkcredential/accesstoken|invalid",
                "\"sinkcredential\":{\"credentialtype\":\"ACCESSTOKEN\",\"accesstoken\":\"a\",\"accesstokentype\":\"mac\"}|/sinkcredential/accesstokentype|invalid",
                "\"sinkcredential\":{\"credentialtype\":\"ACCESSTOKEN\",\"accesstoken\":\"a\",\"accesstokenexpiresutc\":\"soon\"}|/sinkcredential/accesstokenexpiresutc|invalid",
                "\"sinkcredential\":{\"credentialtype\":\"HEADER\",\"name\":\"Host\",\"value\":\"x\"}|/sinkcredential/name|reserved",
                "\"sinkcredential\":{\"credentialtype\":\"HEADER\",\"name\":\"a b\",\"value\":\"x\"}|/sinkcredential/name|invalid",
                "\"sinkcredential\":{\"credentialtype\":\"HEADER\",\"name\":\"a\",\"value\":\"x\\r\\ny\"}|/sinkcredential/value|invalid",
                "\"sinkcredential\":{\"credentialtype\":\"HEADER\",\"name\":\"a\",\"value\":\"x\",\"extra\":1}|/sinkcredential/extra|unknownmember",
                // how it is called
                "\"protocolsettings\":[]|/protocolsettings|wrongtype",
                "\"protocolsettings\":{\"method\":\"PUT\"}|/protocolsettings/method|invalid",
                "\"protocolsettings\":{\"contentmode\":\"batch\"}|/protocolsettings/contentmode|notyet",
                "\"protocolsettings\":{\"contentmode\":\"STRUCTURED\"}|/protocolsettings/contentmode|invalid",
                "\"protocolsettings\":{\"contenttype\":\"text/plain\"}|/protocolsettings/contenttype|invalid",
                "\"protocolsettings\":{\"contentmode\":\"binary\",\"contenttype\":\"application/json\"}|/protocolsettings/contenttype|invalid",
                "\"protocolsettings\":{\"timeout\":15}|/protocolsettings/timeout|wrongtype",
                "\"protocolsettings\":{\"timeout\":\"PT0.9S\"}|/protocolsettings/timeout|invalid",
                "\"protocolsettings\":{\"timeout\":\"PT21S\"}|/protocolsettings/timeout|invalid",
                "\"protocolsettings\":{\"maxinflight\":0}|/protocolsettings/maxinflight|outofrange",
                "\"protocolsettings\":{\"maxinflight\":4097}|/protocolsettings/maxinflight|outofrange",
                "\"protocolsettings\":{\"maxinflight\":1.5}|/protocolsettings/maxinflight|wrongtype",
                "\"protocolsettings\":{\"preset\":\"knative\"}|/protocolsettings/preset|notyet",
                "\"protocolsettings\":{\"secret\":\"hunter2\"}|/protocolsettings/secret|invalid",
                "\"protocolsettings\":{\"secret\":\"whsec_AAAA\"}|/protocolsettings/secret|invalid",
                "\"protocolsettings\":{\"secret\":\"whsk_AAAA\"}|/protocolsettings/secret|notyet",
                // when it is tried again
                "\"protocolsettings\":{\"retry\":[]}|/protocolsettings/retry|wrongtype",
                "\"protocolsettings\":{\"retry\":{\"preset\":\"knative\"}}|/protocolsettings/retry/preset|notyet",
                "\"protocolsettings\":{\"retry\":{\"jitter\":1.01}}|/protocolsettings/retry/jitter|outofrange",
                "\"protocolsettings\":{\"retry\":{\"jitter\":-0.1}}|/protocolsettings/retry/jitter|outofrange",
                "\"protocolsettings\":{\"retry\":{\"jitter\":1e999}}|/protocolsettings/retry/jitter|outofrange",
                "\"protocolsettings\":{\"retry\":{\"schedule\":\"PT1S\"}}|/protocolsettings/retry/schedule|wrongtype",
                "\"protocolsettings\":{\"retry\":{\"schedule\":[\"PT1S\",\"PT1S\",\"PT1S\",\"P8D\"]}}|/protocolsettings/retry/schedule/3|invalid",
                "\"protocolsettings\":{\"retry\":{\"schedule\":[5]}}|/protocolsettings/retry/schedule/0|wrongtype",
                "\"protocolsettings\":{\"retry\":{\"schedule\":[\"P1W\",\"PT0.09S\"]}}|/protocolsettings/retry/schedule/1|outofrange",
                "\"protocolsettings\":{\"retry\":{\"schedule\":[\"P1W\"]}}|/protocolsettings/retry/schedule/0|invalid",
                "\"protocolsettings\":{\"retry\":{\"schedule\":[\"-PT1S\"]}}|/protocolsettings/retry/schedule/0|invalid",
                "\"protocolsettings\":{\"retry\":{\"maxage\":\"P400D\"}}|/protocolsettings/retry/maxage|invalid",
                "\"protocolsettings\":{\"retry\":{\"final\":400}}|/protocolsettings/retry/final|wrongtype",
                "\"protocolsettings\":{\"retry\":{\"final\":[200]}}|/protocolsettings/retry/final/0|outofrange",
                "\"protocolsettings\":{\"retry\":{\"final\":[400,\"413\"]}}|/protocolsettings/retry/final/1|wrongtype",
                // headers
                "\"protocolsettings\":{\"headers\":{\"a b\":\"x\"}}|/protocolsettings/headers/a b|invalid",
                "\"protocolsettings\":{\"headers\":{\"\":\"x\"}}|/protocolsettings/headers/|invalid",
                "\"protocolsettings\":{\"headers\":{\"x\":5}}|/protocolsettings/headers/x|wrongtype",
                "\"protocolsettings\":{\"headers\":{\"x\":\"\"}}|/protocolsettings/headers/x|invalid",
                "\"protocolsettings\":{\"headers\":{\"x\":\" a\"}}|/protocolsettings/headers/x|invalid",
                "\"protocolsettings\":{\"headers\":{\"x\":\"a\\r\\nHost: b\"}}|/protocolsettings/headers/x|invalid",
                "\"protocolsettings\":{\"headers\":{\"x\":\"ä\"}}|/protocolsettings/headers/x|invalid",
                "\"protocolsettings\":{\"headers\":{\"x\":\"a\",\"X\":\"b\"}}|/protocolsettings/headers/X|invalid"
            })
    void what_is_wrong_is_pointed_to(String member, String pointer, String code) {
        assertThat(faults("," + member)).contains(pointer + " " + code);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host",
                "connection",
                "Keep-Alive",
                "TE",
                "Trailer",
                "Transfer-Encoding",
                "Upgrade",
                "Expect",
                "Content-Type",
                "content-length",
                "Proxy-Connection",
                "proxy-authorization",
                "webhook-id",
                "Webhook-Anything",
                "ce-id",
                "fanfare-attempt",
                "User-Agent",
                "traceparent",
                "tracestate",
                "Authorization",
                "Cookie",
                "X-Api-Key",
                "X-APIKEY",
                "x-auth",
                "X-Gitlab-Token",
                "client_secret",
                "X-Password",
                "Date"
            })
    void reserved_and_secret_looking_headers_are_refused(String name) {
        assertThat(faults(",\"protocolsettings\":{\"headers\":{\"" + name + "\":\"x\"}}"))
                .containsExactly("/protocolsettings/headers/" + name + " reserved");
    }

    @Test
    void a_secret_looking_header_is_led_to_the_credential() {
        assertThat(problem(",\"protocolsettings\":{\"headers\":{\"X-Api-Key\":\"x\"}}")
                        .detail())
                .contains("sinkcredential");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "receiver",
                "/hook",
                "//a.example/",
                "ftp://a.example/",
                "https:",
                "https://",
                "https:///x",
                "https:a.example",
                "https://a.example/#frag",
                "https://bob:pw@a.example/",
                "https://bob@a.example/",
                "http://a.example/",
                "https://127.0.0.1/",
                "https://2130706433/",
                "https://127.1/",
                "https://[::1]/",
                "https://localhost/",
                "https://169.254.169.254/latest",
                "https://10.0.0.1:443/",
                "https://a.example:0/",
                "https://a.example:65536/",
                "https://a.example/a b",
                "https://a.example/ä",
                "https://a.example/%zz",
                "https://a.example/\\n",
                "urn:a:b"
            })
    void a_sink_that_may_not_be_called_is_refused(String sink) {
        ProblemException refused =
                catchThrowableOfType(ProblemException.class, () -> parse("{\"sink\":\"" + sink + "\"}"));

        assertThat(refused.problem().errors()).extracting(Fault::pointer).containsExactly("/sink");
    }

    @Test
    void a_sink_is_required_and_bounded() {
        assertThat(catchThrowableOfType(ProblemException.class, () -> parse("{}"))
                        .problem()
                        .errors())
                .containsExactly(new Fault("/sink", "missing", "is required"));
        String longest = "https://a.example/" + "x".repeat(Configuration.MAX_SINK - 18);
        assertThat(parse("{\"sink\":\"" + longest + "\"}").configuration().sink())
                .isEqualTo(longest);
        assertThat(catchThrowableOfType(ProblemException.class, () -> parse("{\"sink\":\"" + longest + "x\"}"))
                        .problem()
                        .errors())
                .extracting(Fault::code)
                .containsExactly("toolong");
    }

    @Test
    void more_than_the_bounds_allow_is_refused() {
        String headers =
                IntStream.range(0, 21).mapToObj(i -> "\"x-" + i + "\":\"a\"").collect(Collectors.joining(","));
        assertThat(faults(",\"protocolsettings\":{\"headers\":{" + headers + "}}"))
                .containsExactly("/protocolsettings/headers toomany");
        String steps = "\"PT1S\",".repeat(50);
        assertThat(faults(",\"protocolsettings\":{\"retry\":{\"schedule\":[" + steps + "\"PT1S\"]}}"))
                .containsExactly("/protocolsettings/retry/schedule toomany");
        assertThat(faults(",\"types\":[" + "\"a\",".repeat(256) + "\"a\"]")).containsExactly("/types toomany");
        assertThat(faults(",\"name\":\"" + "x".repeat(201) + "\"")).containsExactly("/name toolong");
        assertThat(faults(",\"description\":\"" + "x".repeat(2001) + "\"")).containsExactly("/description toolong");
        assertThat(faults(",\"source\":\"" + "x".repeat(4097) + "\"")).containsExactly("/source toolong");
        assertThat(faults(",\"protocolsettings\":{\"headers\":{\"x\":\"" + "x".repeat(1025) + "\"}}"))
                .containsExactly("/protocolsettings/headers/x toolong");
    }

    @Test
    void an_empty_schedule_means_one_attempt() {
        RetryPolicy retry = read(",\"protocolsettings\":{\"retry\":{\"schedule\":[]}}")
                .configuration()
                .settings()
                .retry();

        assertThat(retry.schedule()).isEmpty();
        assertThat(retry.maxAge()).isEqualTo(Duration.ofDays(1));
    }

    @Test
    void everything_wrong_is_reported_at_once() {
        assertThat(
                        faults(
                                ",\"filter\":[],\"name\":1,\"types\":[],\"protocolsettings\":{\"timeout\":\"x\",\"retry\":{\"final\":[1]}}"))
                .containsExactlyInAnyOrder(
                        "/name wrongtype",
                        "/types invalid",
                        "/protocolsettings/timeout invalid",
                        "/protocolsettings/retry/final/0 outofrange",
                        "/filter unknownmember");
    }

    @Test
    void a_faulty_secret_is_not_repeated_in_the_answer() {
        Problem problem = problem(",\"protocolsettings\":{\"secret\":\"whsec_hunter2hunter2!\"},"
                + "\"sinkcredential\":{\"credentialtype\":\"ACCESSTOKEN\",\"accesstoken\":\"hunter2 hunter2\"}");

        assertThat(problem.errors()).hasSize(2);
        assertThat(problem.toString()).doesNotContain("hunter2");
    }

    private static SubscriptionBody read(String members) {
        return parse("{\"sink\":\"https://a.example/\"" + members + "}");
    }

    private static List<String> faults(String members) {
        return problem(members).errors().stream()
                .map(fault -> fault.pointer() + " " + fault.code())
                .toList();
    }

    private static Problem problem(String members) {
        Problem problem = catchThrowableOfType(ProblemException.class, () -> read(members))
                .problem();
        assertThat(problem.type()).isIn(ProblemType.INVALID, ProblemType.UNKNOWN_MEMBER);
        return problem;
    }

    private static SubscriptionBody parse(String body) {
        JsonObjectReader reader =
                StrictJson.object("application/json", new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
        return SubscriptionBody.read(reader, CLOSED);
    }
}
