package dev.fanfare.story;

import static dev.fanfare.story.RawClient.KEY;
import static dev.fanfare.story.RawClient.head;
import static dev.fanfare.story.RawClient.length;
import static dev.fanfare.story.RawClient.statuses;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests whose end two servers could see at two places. Each carries a second, whole request with a valid key, which a
 * proxy in front would have taken for a body: it is never served.
 */
@QuarkusTest
@TestInstance(Lifecycle.PER_CLASS)
class SmugglingStoryTest extends Story {
    private static final String CHUNKED = "Transfer-Encoding: chunked\r\n";

    /** Header lines that disagree, with Content-Length over all that follows in place of {@code LENGTH}. */
    static Stream<Arguments> heads() {
        return Stream.of(
                Arguments.of("length, then chunked", "LENGTH" + CHUNKED),
                Arguments.of("chunked, then length", CHUNKED + "LENGTH"),
                Arguments.of("chunked and a short length", CHUNKED + "Content-Length: 4\r\n"),
                Arguments.of("chunked in capitals", "LENGTHTRANSFER-ENCODING: CHUNKED\r\n"),
                Arguments.of("chunked after a tab", "LENGTHTransfer-Encoding:\tchunked\r\n"),
                Arguments.of("chunked after spaces", "LENGTHTransfer-Encoding:    chunked   \r\n"),
                Arguments.of("chunked without space", "LENGTHTransfer-Encoding:chunked\r\n"),
                Arguments.of("a space before the colon", "LENGTHTransfer-Encoding : chunked\r\n"),
                Arguments.of("a tab before the colon", "LENGTHTransfer-Encoding\t: chunked\r\n"),
                Arguments.of("a space before a chunked name", CHUNKED + "X: y\r\n Content-Length: 4\r\n" + "LENGTH"),
                Arguments.of("a folded value", "LENGTHTransfer-Encoding:\r\n chunked\r\n"),
                Arguments.of("a value folded by a tab", "LENGTHTransfer-Encoding:\r\n\tchunked\r\n"),
                Arguments.of("a vertical tab before the value", "LENGTHTransfer-Encoding: \u000bchunked\r\n"),
                Arguments.of("a form feed after the value", "LENGTHTransfer-Encoding: chunked\f\r\n"),
                Arguments.of("a NUL after the value", "LENGTHTransfer-Encoding: chunked\0\r\n"),
                Arguments.of("a NUL in the name", "LENGTHTransfer-Enc\0oding: chunked\r\n"),
                Arguments.of("a NUL after the name", "LENGTHTransfer-Encoding\0: chunked\r\n"),
                Arguments.of("xchunked", "LENGTHTransfer-Encoding: xchunked\r\n"),
                Arguments.of("chunked with a parameter", "LENGTHTransfer-Encoding: chunked;q=1\r\n"),
                Arguments.of("chunked in quotes", "LENGTHTransfer-Encoding: \"chunked\"\r\n"),
                Arguments.of("chunked, identity", "LENGTHTransfer-Encoding: chunked, identity\r\n"),
                Arguments.of("identity, chunked", "LENGTHTransfer-Encoding: identity, chunked\r\n"),
                Arguments.of("chunked, chunked", "LENGTHTransfer-Encoding: chunked, chunked\r\n"),
                Arguments.of("chunked, then identity", "LENGTH" + CHUNKED + "Transfer-Encoding: identity\r\n"),
                Arguments.of("identity, then chunked", "LENGTHTransfer-Encoding: identity\r\n" + CHUNKED),
                Arguments.of("nothing", "LENGTHTransfer-Encoding: \r\n"),
                Arguments.of("a lone line feed before chunked", "LENGTHX: y\n" + CHUNKED),
                Arguments.of("a lone line feed after chunked", "LENGTHTransfer-Encoding: chunked\nX: y\r\n"),
                Arguments.of("a lone carriage return before chunked", "LENGTHX: y\r" + CHUNKED),
                Arguments.of("two lengths", "LENGTHContent-Length: 5\r\n"),
                Arguments.of("two lengths, the short one first", "Content-Length: 5\r\nLENGTH"),
                Arguments.of("a list of lengths", "Content-Length: 5, 6\r\n"),
                Arguments.of("a list of equal lengths", "Content-Length: 5, 5\r\n"),
                Arguments.of("a length in a lone line", "Content-Length: 5\nX: y\r\n"),
                Arguments.of("+5", "Content-Length: +5\r\n"),
                Arguments.of("-5", "Content-Length: -5\r\n"),
                Arguments.of("0x5", "Content-Length: 0x5\r\n"),
                Arguments.of("5e0", "Content-Length: 5e0\r\n"),
                Arguments.of("5.0", "Content-Length: 5.0\r\n"),
                Arguments.of("5 5", "Content-Length: 5 5\r\n"),
                Arguments.of("a folded length", "Content-Length: 5\r\n 5\r\n"),
                Arguments.of("a superscript", "Content-Length: \u00b2\r\n"),
                Arguments.of("an empty length", "Content-Length: \r\n"),
                Arguments.of("a length beyond all numbers", "Content-Length: 18446744073709551621\r\n"),
                Arguments.of("a space before the colon of the length", "Content-Length : 5\r\n"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("heads")
    void a_head_that_can_be_read_in_two_ways_is_refused_and_nothing_after_it_is_served(String name, String headers)
            throws IOException {
        String body = "0\r\n\r\n" + smuggled();
        refused(head(KEY, STRUCTURED, headers.replace("LENGTH", length(body))) + body);
        String event = event("outer", "1");
        String chunked = Integer.toHexString(event.length()) + "\r\n" + event + "\r\n" + body;
        refused(head(KEY, STRUCTURED, headers.replace("LENGTH", length(chunked))) + chunked);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Transfer-Encoding: chunked, identity",
                "Transfer-Encoding: xchunked",
                "Transfer-Encoding: identity",
                "Transfer-Encoding: gzip",
                "Transfer-Encoding: gzip, chunked",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
                "Transfer-Encoding : chunked",
                "Transfer-Encoding: chunked\0"
            })
    void a_transfer_coding_without_an_end_is_refused(String header) throws IOException {
        refused(head(KEY, STRUCTURED, header + "\r\n") + smuggled());
        refused(head(KEY, STRUCTURED, header + "\r\n") + "0\r\n\r\n" + smuggled());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"HTTP/1.0", "HTTP/0.9", "HTTP/1.1 HTTP/1.1", "HTTP/one", "http/1.1", "FTP/1.1", "HTTP/1.1\0"})
    void chunks_under_another_version_are_refused(String version) throws IOException {
        String head = head(KEY, STRUCTURED, CHUNKED).replaceFirst("HTTP/1\\.1", version);
        refused(head + "0\r\n\r\n" + smuggled());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /v1/events HTTP/1.1\nHost: localhost\r\n",
                "POST /v1/events HTTP/1.1\rHost: localhost\r\n",
                "POST /v1/events HTTP/1.1\r\nHost: localhost\n",
                "POST /v1/events HTTP/1.1\r\nHo\0st: localhost\r\n",
                "POST /v1/events HTTP/1.1\r\nlocalhost\r\n",
                "POST /v1/events HTTP/1.1\r\nHost: local\0host\r\n",
                "POST /v1/events HTTP/1.1\r\nHo st: localhost\r\n",
                "POST /v1/events HTTP/1.1\r\nH\u00f6st: localhost\r\n",
                "PO ST /v1/events HTTP/1.1\r\nHost: localhost\r\n"
            })
    void a_line_that_is_no_line_of_http_is_refused(String start) throws IOException {
        String event = event("outer", "1");
        refused(start + KEY + "Content-Type: " + STRUCTURED + "\r\n" + length(event) + "\r\n" + event + smuggled());
    }

    /** Chunks: what stands in place of the size of the first one. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "zz",
                "",
                " ",
                "-5",
                "+5",
                "0x5",
                "5\n",
                "5;a\nb",
                "5;\n",
                "0\n\r\n",
                "80000000",
                "ffffffffffffffff",
                "10000000000000005",
                "\u0665"
            })
    void a_chunk_of_no_size_is_refused_and_nothing_after_it_is_served(String size) throws IOException {
        assertThat(refused(head(KEY, STRUCTURED, CHUNKED) + size + "\r\nhello\r\n0\r\n\r\n" + smuggled()))
                .contains("application/problem+json", "\"code\":\"malformed\"", "framed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello0\r\n\r\n", "hello!\r\n0\r\n\r\n", "hello\n0\r\n\r\n", "hello\r0\r\n\r\n"})
    void a_chunk_that_is_not_as_long_as_it_says_is_refused(String rest) throws IOException {
        assertThat(refused(head(KEY, STRUCTURED, CHUNKED) + "5\r\n" + rest + smuggled()))
                .contains("application/problem+json", "\"code\":\"malformed\"", "framed");
    }

    private String smuggled() {
        String event = event("smuggled", "1");
        return head(KEY, STRUCTURED, length(event)) + event;
    }

    /** At most one answer, 400 or another 4xx; the end of the connection; nothing stored. */
    private String refused(String request) throws IOException {
        String answers;
        try (RawClient client = RawClient.connect()) {
            client.send(request);
            answers = client.readToEnd();
        }
        assertThat(statuses(answers)).hasSizeLessThanOrEqualTo(1).allMatch(status -> status / 100 == 4);
        assertThat(count("event where source = ?", source)).isZero();
        return answers;
    }
}
