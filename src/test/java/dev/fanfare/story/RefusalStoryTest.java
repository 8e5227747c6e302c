package dev.fanfare.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;

import dev.fanfare.testing.FanfareTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.Header;
import io.restassured.response.ValidatableResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ingest answers, everything but 202: what is refused, with which words, and that nothing of it is stored. */
@QuarkusTest
class RefusalStoryTest extends Story {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{                                                    | ''             | malformed",
                "{'specversion':'1.0','id':'1','source':'S'}          | /type          | missing",
                "{'specversion':'1.0','id':'1','type':'t'}            | /source        | missing",
                "{'specversion':'1.0','source':'S','type':'t'}        | /id            | missing",
                "{'id':'1','source':'S','type':'t'}                   | /specversion   | missing",
                "{'specversion':'1.0','id':'','source':'S','type':'t'} | /id           | empty",
                "{'specversion':'1.0','id':7,'source':'S','type':'t'} | /id            | type",
                "{'specversion':'1.0','id':'1','source':'a b','type':'t'} | /source    | uri",
                "{'specversion':'1.0','id':'1','source':'S','type':'t','time':'today'} | /time | time",
                "{'specversion':'1.0','id':'1','source':'S','type':'t','data_base64':'?'} | /data_base64 | base64",
                "{'specversion':'2.0','id':'1','source':'S','type':'t'} | /specversion | specversion",
                "{'specversion':'1.0','id':'1','id':'2','source':'S','type':'t'} | /id | duplicate",
                "{'specversion':'1.0','id':'1','source':'S','type':'t','x_y':1} | /x_y | name",
            })
    void a_malformed_structured_event_is_400_and_says_where(String body, String pointer, String code) {
        refused(post(STRUCTURED, json(body.replace("'S'", "'" + source + "'"))), 400, "malformed")
                .body("errors.pointer", hasItem(pointer.equals("''") ? "" : pointer))
                .body("errors.code", hasItem(code));
    }

    @Test
    void json_that_is_deeper_than_the_limit_is_400() {
        refused(post(STRUCTURED, event("1", "[".repeat(101) + "]".repeat(101))), 400, "malformed")
                .body("errors.code", hasItem("depth"));
    }

    @Test
    void bytes_that_are_not_utf8_are_400() {
        byte[] body = event("1", "'?'").getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < body.length; i++) {
            body[i] = body[i] == '?' ? (byte) 0xff : body[i];
        }
        refused(post(STRUCTURED, body), 400, "malformed").body("errors.code", hasItem("utf8"));
    }

    @ParameterizedTest
    @CsvSource({"ce-id,%C0%A0", "ce-id,%C3%28", "ce-specversion,0.3", "ce-time,now", "ce-source,''", "ce-x_y,1"})
    void a_malformed_binary_event_is_400(String header, String value) {
        List<Header> headers = new ArrayList<>(binaryHeaders());
        headers.removeIf(known -> known.getName().equals(header));
        headers.add(new Header(header, value));

        refused(post("text/plain", new byte[] {'x'}, headers.toArray(Header[]::new)), 400, "malformed")
                .body("errors.pointer", hasItem("/" + header.substring(3)));
    }

    @Test
    void one_bad_event_refuses_its_whole_batch_and_the_pointer_has_its_index() {
        refused(post(BATCH, "[" + event("1", "1") + ",{}," + event("2", "2") + "]"), 400, "malformed")
                .body("errors.pointer", hasItem("/1/id"));
    }

    @Test
    void a_batch_that_is_no_array_is_400() {
        refused(post(BATCH, event("1", "1")), 400, "malformed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "application/json",
                "application/cloudevents+xml",
                "application/cloudevents+avro",
                "application/cloudevents",
                "application/cloudevents+json; charset=iso-8859-1",
                "application/cloudevents-batch+json; charset=utf-16",
            })
    void what_is_no_event_in_a_known_format_is_415_and_says_what_is_taken(String contentType) {
        refused(post(contentType, event("1", "1")), 415, "unsupportedmediatype")
                .header("Accept-Post", containsString(STRUCTURED))
                .header("Accept-Post", containsString(BATCH));
    }

    @Test
    void options_says_that_batches_are_asked_for() {
        operator()
                .options("/v1/events")
                .then()
                .statusCode(200)
                .header("Accept-Post", containsString(STRUCTURED))
                .header("Accept-Post", containsString(BATCH));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "br", "nobody-knows-it"})
    void a_body_with_content_encoding_is_415_and_says_what_is_taken(String encoding) {
        refused(
                        post(
                                STRUCTURED,
                                event("1", "1").getBytes(StandardCharsets.UTF_8),
                                new Header("Content-Encoding", encoding)),
                        415,
                        "unsupportedencoding")
                .header("Accept-Encoding", "identity");
    }

    @Test
    void an_event_of_exactly_64_kib_is_accepted() {
        byte[] event = eventOf(64 * KIB);
        assertThat(event).hasSize(65_536);
        post(STRUCTURED, event).statusCode(202);
        assertThat(stored()).isEqualTo(1);
    }

    @Test
    void an_event_as_large_as_the_limit_is_accepted_and_one_byte_more_is_413() {
        refused(post(STRUCTURED, eventOf(MIB + 1)), 413, "toolarge");
        post(STRUCTURED, eventOf(MIB)).statusCode(202);
    }

    @Test
    void an_event_over_the_limit_within_a_batch_is_413_and_the_pointer_has_its_index() {
        String large = new String(eventOf(MIB + 1), StandardCharsets.US_ASCII);
        refused(post(BATCH, "[" + event("1", "1") + "," + large + "]"), 413, "toolarge")
                .body("errors.pointer", hasItem("/1"));
    }

    @Test
    void a_batch_over_the_limit_in_bytes_is_413() {
        String events = IntStream.range(0, 9)
                .mapToObj(n -> event("e-" + n, "'" + "x".repeat(MIB - KIB) + "'"))
                .collect(Collectors.joining(","));
        refused(post(BATCH, "[" + events + "]"), 413, "toolarge");
    }

    @Test
    void a_batch_over_the_limit_without_content_length_is_413() {
        byte[] body = ("[" + " ".repeat(9 * MIB) + "]").getBytes(StandardCharsets.US_ASCII);
        refused(
                operator()
                        .header("Content-Type", BATCH)
                        .body(new ByteArrayInputStream(body))
                        .post("/v1/events")
                        .then(),
                413,
                "toolarge");
    }

    @Test
    void a_batch_of_1000_events_is_accepted_and_one_more_is_413() {
        refused(post(BATCH, batchOf(1_001)), 413, "toolarge").body("errors.code", hasItem("count"));
        post(BATCH, batchOf(1_000)).statusCode(202).body("accepted", hasSize(1_000));
        assertThat(stored()).isEqualTo(1_000);
    }

    @Test
    void a_header_block_of_64_kib_is_legal_and_one_over_the_limit_is_431() {
        refused(postWithHeaderBlock(129 * KIB), 431, "headertoolarge");
        postWithHeaderBlock(64 * KIB).statusCode(202);
        assertThat(row("select extensions from event where source = ?", source)
                        .get("extensions")
                        .toString())
                .hasSizeGreaterThan(60 * KIB);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Bearer",
                "Bearer wrong",
                "Basic b3BlcmF0b3I6eA==",
                "bearer  a, Bearer b",
                "operator-key-of-the-tests-with-48-characters-000"
            })
    void a_wrong_key_is_401_before_the_body_is_looked_at(String authorization) {
        for (String path : List.of("/v1/events", "/v1/subscriptions")) {
            refused(
                            anybody()
                                    .header("Authorization", authorization)
                                    .header("Content-Type", STRUCTURED)
                                    .body(event("1", "1"))
                                    .post(path)
                                    .then(),
                            401,
                            "unauthorized")
                    .header("WWW-Authenticate", "Bearer");
        }
    }

    @Test
    void no_key_at_all_is_401_everywhere_under_v1() {
        for (String path : List.of("/v1/events", "/v1/subscriptions", "/v1/subscriptions/sub_x/pause")) {
            refused(anybody().contentType(STRUCTURED).body("{}").post(path).then(), 401, "unauthorized")
                    .header("WWW-Authenticate", "Bearer");
        }
    }

    @Test
    void a_tenant_that_nobody_knows_is_400() {
        refused(
                anybody()
                        .header("Authorization", "Bearer " + FanfareTestResource.OPERATOR_KEY)
                        .header("Fanfare-Tenant", "nobody")
                        .header("Content-Type", STRUCTURED)
                        .body(event("1", "1"))
                        .post("/v1/events")
                        .then(),
                400,
                "unknowntenant");
    }

    @ParameterizedTest
    @CsvSource({"PUT,/v1/events", "DELETE,/v1/events", "PATCH,/v1/events", "PATCH,/v1/subscriptions"})
    void a_method_that_the_address_does_not_know_is_405_with_allow(String method, String path) {
        refused(operator().request(method, path).then(), 405, "methodnotallowed")
                .header("Allow", containsString("POST"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/nothing", "/v1/subscriptions/sub_01h455vb4pex5vsknk084sn02q", "/v1/subscriptions/x"})
    void what_is_not_there_is_404(String path) {
        refused(operator().get(path).then(), 404, "notfound");
    }

    @Test
    void the_clients_own_request_id_comes_back() {
        refused(
                        post(STRUCTURED, "{".getBytes(StandardCharsets.US_ASCII), new Header("x-request-id", "mine-1")),
                        400,
                        "malformed")
                .body("requestid", equalTo("mine-1"));
    }

    @Test
    void a_request_without_host_is_400() throws IOException {
        try (RawClient client = RawClient.connect()) {
            String answer = client.send("POST /v1/events HTTP/1.1\r\n" + RawClient.KEY + "Content-Length: 0\r\n\r\n")
                    .readAnswer();
            assertThat(answer).startsWith("HTTP/1.1 400 ").contains("\"code\":\"malformed\"");
        }
    }

    /** Every refusal: problem+json with all its members, the request's id in header and body, nothing stored. */
    private ValidatableResponse refused(ValidatableResponse answer, int status, String code) {
        answer.statusCode(status)
                .contentType("application/problem+json")
                .body("type", equalTo("urn:problem-type:fanfare:" + code))
                .body("title", notNullValue())
                .body("status", equalTo(status))
                .body("code", equalTo(code))
                .body("requestid", equalTo(answer.extract().header("x-request-id")));
        assertThat(stored()).isZero();
        return answer;
    }

    private long stored() {
        return count("event where source = ?", source);
    }

    private List<Header> binaryHeaders() {
        return List.of(
                new Header("ce-specversion", "1.0"),
                new Header("ce-id", "1"),
                new Header("ce-source", source),
                new Header("ce-type", type));
    }

    private byte[] eventOf(int bytes) {
        int without = event("e-1", "''").length();
        return event("e-1", "'" + "x".repeat(bytes - without) + "'").getBytes(StandardCharsets.US_ASCII);
    }

    private String batchOf(int events) {
        return IntStream.range(0, events)
                .mapToObj(n -> event("e-" + n, "1"))
                .collect(Collectors.joining(",", "[", "]"));
    }

    /** A binary event whose header block has about so many bytes; the rest of them is less than half a KiB. */
    private ValidatableResponse postWithHeaderBlock(int bytes) {
        List<Header> headers = new ArrayList<>(binaryHeaders());
        int left = bytes - 512;
        for (int n = 0; left > 0; n++) {
            int size = Math.min(left, 8_000);
            headers.add(new Header("ce-filler" + n, "x".repeat(size)));
            left -= size;
        }
        return post("text/plain", new byte[] {'x'}, headers.toArray(Header[]::new));
    }
}
