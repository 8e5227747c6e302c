package dev.fanfare.story;

import static dev.fanfare.story.RawClient.KEY;
import static dev.fanfare.story.RawClient.head;
import static dev.fanfare.story.RawClient.length;
import static dev.fanfare.story.RawClient.statuses;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Events that pretend to be others, as bytes on a plain socket. Each refusal says which member is wrong and why; nothing
 * of the server's inside is told, and the connection goes on.
 */
@QuarkusTest
@TestInstance(Lifecycle.PER_CLASS)
class RefusedForgeryStoryTest extends Story {

    /** In binary mode: what a header line adds or puts in place of another; the pointer; the reason. */
    static Stream<Arguments> headers() {
        return Stream.of(
                Arguments.of("ce-id: 2", "/id", "duplicate"),
                Arguments.of("CE-ID: 1", "/id", "duplicate"),
                Arguments.of("ce-Type: admin.grant", "/type", "duplicate"),
                Arguments.of("ce-specversion: 1.0", "/specversion", "duplicate"),
                Arguments.of("ce-x: 1\r\nCe-X: 1", "/x", "duplicate"),
                Arguments.of("Content-Type: text/html", "/datacontenttype", "duplicate"),
                Arguments.of("ce-datacontenttype: text/html", "/datacontenttype", "reserved"),
                Arguments.of("ce-data: {}", "/data", "reserved"),
                Arguments.of("ce-data_base64: AA==", "/data_base64", "name"),
                Arguments.of("ce-: x", "/", "name"),
                Arguments.of("ce-a-b: x", "/a-b", "name"),
                Arguments.of("ce-a.b: x", "/a.b", "name"),
                Arguments.of("ce-subject: a%0D%0AX-Admin:%20yes", "/subject", "control"),
                Arguments.of("ce-subject: a%0a", "/subject", "control"),
                Arguments.of("ce-subject: %00", "/subject", "control"),
                Arguments.of("ce-subject: %7f", "/subject", "control"),
                Arguments.of("ce-subject: %C2%80", "/subject", "control"),
                Arguments.of("ce-subject: %EF%BF%BF", "/subject", "control"),
                Arguments.of("ce-subject: %C0%80", "/subject", "utf8"),
                Arguments.of("ce-subject: %C0%AF", "/subject", "utf8"),
                Arguments.of("ce-subject: %E0%80%AF", "/subject", "utf8"),
                Arguments.of("ce-subject: %ED%A0%80%ED%B0%80", "/subject", "utf8"),
                Arguments.of("ce-subject: %F4%90%80%80", "/subject", "utf8"),
                Arguments.of("ce-subject: %E2%82", "/subject", "utf8"),
                Arguments.of("ce-subject: gr\u00fcn", "/subject", "utf8"),
                Arguments.of("ce-subject: %C3\u0028", "/subject", "utf8"),
                Arguments.of("ce-subject: \"\"", "/subject", "empty"),
                Arguments.of("ce-subject: ", "/subject", "empty"),
                Arguments.of("ce-time: 2026-01-01T00:00:00+24:00", "/time", "time"),
                Arguments.of("ce-dataschema: /relative", "/dataschema", "uri"));
    }

    @ParameterizedTest
    @MethodSource("headers")
    void a_header_that_forges_an_attribute_is_refused_by_its_name(String line, String pointer, String reason)
            throws IOException {
        refused(binary(line + "\r\n", "{}"), pointer, reason);
    }

    /** In structured mode: a member in place of {@code "data":1}, bytes as characters; the pointer; the reason. */
    static Stream<Arguments> members() {
        return Stream.of(
                Arguments.of("\"id\":\"2\"", "/id", "duplicate"),
                Arguments.of("\"\\u0069d\":\"2\"", "/id", "duplicate"),
                Arguments.of("\"data\":1,\"data\":2", "/data", "duplicate"),
                Arguments.of("\"data\":1,\"data_base64\":\"AA==\"", "/data", "conflict"),
                Arguments.of("\"subject\":\"\\ud800\"", "/subject", "control"),
                Arguments.of("\"subject\":\"\\udc00\\ud800\"", "/subject", "control"),
                Arguments.of("\"subject\":\"\\u0000\"", "/subject", "control"),
                Arguments.of("\"datacontenttype\":\"text/plain\",\"data\":\"\\udfff\"", "/data", "utf8"),
                Arguments.of("\"subject\":\"\u00c0\u00af\"", "", "utf8"),
                Arguments.of("\"subject\":\"\u00e0\u0080\u00af\"", "", "utf8"),
                Arguments.of("\"subject\":\"\u00ed\u00a0\u0080\"", "", "utf8"),
                Arguments.of("\"subject\":\"\u00f4\u0090\u0080\u0080\"", "", "utf8"),
                Arguments.of("\"subject\":\"\u00ff\"", "", "utf8"),
                Arguments.of("\"subject\":\"\u0000\"", "", "utf8"),
                Arguments.of("\"subject\":5", "/subject", "type"),
                Arguments.of("\"x\":{\"y\":1}", "/x", "type"),
                Arguments.of("\"x\":1e400", "/x", "range"),
                Arguments.of("\"x\":9999999999", "/x", "range"),
                Arguments.of("\"data\":" + "[".repeat(100_000), "", "depth"),
                Arguments.of("\"data\":" + "{\"a\":".repeat(50_000), "", "depth"),
                Arguments.of("\"data\":1}{\"id\":\"2\"", "", "malformed"),
                Arguments.of("\"data\":NaN", "", "malformed"),
                Arguments.of("\"data\":1,", "", "malformed"));
    }

    @ParameterizedTest
    @MethodSource("members")
    void a_member_that_is_not_allowed_is_refused_by_its_name(String member, String pointer, String reason)
            throws IOException {
        String body = event("1", "1").replace("\"data\":1", member);
        refused(head(KEY, STRUCTURED, length(body)) + body, pointer, reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"iso-8859-1", "utf-16", "utf-16le", "utf-32", "utf-7", "ebcdic", "\"utf-8 \"", "utf-8\\0"})
    void json_in_another_charset_is_415(String charset) throws IOException {
        String body = event("1", "1");
        String answer = exchange(
                head(KEY, STRUCTURED + "; charset=" + charset, length(body)) + body, 415, "unsupportedmediatype");
        assertThat(JsonPath.from(answer).getString("errors[0].code")).isIn("charset", "format");
    }

    private String binary(String lines, String body) {
        return head(
                        KEY,
                        "application/json",
                        "ce-specversion: 1.0\r\nce-id: 1\r\nce-source: " + source + "\r\nce-type: " + type + "\r\n"
                                + lines + length(body))
                + body;
    }

    private void refused(String request, String pointer, String reason) throws IOException {
        JsonPath problem = JsonPath.from(exchange(request, 400, "malformed"));
        assertThat(problem.getList("errors.pointer")).contains(pointer);
        assertThat(problem.getList("errors.code")).contains(reason);
        assertThat(problem.getString("detail")).isNotBlank();
    }

    /** The body of a refusal, after which the same connection takes a good event; only that one is stored. */
    private String exchange(String request, int status, String code) throws IOException {
        try (RawClient client = RawClient.connect()) {
            String answer = client.send(request).readAnswer();
            assertThat(statuses(answer)).containsExactly(status);
            assertThat(answer.toLowerCase()).contains("content-type: application/problem+json\r\n");
            assertThat(answer).contains("\"code\":\"" + code + "\"");
            assertThat(answer)
                    .doesNotContainPattern("Exception|\\bat [a-z.]+\\(|\\.java|dev\\.fanfare|io\\.|com\\.fast");
            String good = event("good", "1");
            client.send(head(KEY, STRUCTURED, length(good)) + good);
            assertThat(client.readAnswer()).startsWith("HTTP/1.1 202 ");
            assertThat(rows("select ce_id from event where source = ?", source))
                    .containsExactly(Map.of("ce_id", "good"));
            return answer.substring(answer.indexOf("\r\n\r\n") + 4);
        }
    }
}
