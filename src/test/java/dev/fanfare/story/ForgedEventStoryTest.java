package dev.fanfare.story;

import static dev.fanfare.story.RawClient.KEY;
import static dev.fanfare.story.RawClient.head;
import static dev.fanfare.story.RawClient.length;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.testing.FakeSink.Request;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Events that pretend to be others and are taken for what they are, as bytes on a plain socket. */
@QuarkusTest
class ForgedEventStoryTest extends Story {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "%25%30%41 | %0A",
                "%250A | %0A",
                "100% | 100%",
                "%zz | %zz",
                "a\\r\\nb | a\\r\\nb",
                "`\"a\\\"b\"` | a\"b",
                "`\"a%20b\"` | a b",
                "`\"a\" b` | \"a\" b",
                "%E2%82%AC | €",
                "%e2%82%ac | €"
            })
    void a_value_is_decoded_once_and_no_more(String raw, String subject) throws IOException {
        accepted(binary("ce-subject: " + raw + "\r\n", "{}"));
        assertThat(row("select subject from event where source = ?", source)).containsEntry("subject", subject);
    }

    @Test
    void trailers_say_nothing_about_the_event() throws IOException {
        String chunked = binary("", "").replace("Content-Length: 0", "Transfer-Encoding: chunked")
                + "2\r\n{}\r\n0\r\nce-subject: forged\r\nce-id: 2\r\nContent-Length: 5\r\n\r\n";
        accepted(chunked);
        assertThat(row("select subject, ce_id from event where source = ?", source))
                .containsEntry("subject", null)
                .containsEntry("ce_id", "1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1,\"type\":\"admin.grant\",\"id\":\"forged\"",
                "1}{\"type\":\"admin.grant\"",
                "1},\"type\":\"admin.grant\",{\"x\":1",
                "{}\n,\"type\":\"admin.grant\"",
                "\"\\ud800\",\"type\":\"admin.grant\"",
                "null,\"data_base64\":\"AA==\",\"type\":\"admin.grant\"",
                "/**/1",
                "1 //"
            })
    void a_body_that_would_splice_attributes_into_the_envelope_arrives_as_the_bytes_that_it_is(String body)
            throws IOException {
        subscribe(sink.url("/hook"));
        accepted(binary("", body));

        Request got = sink.awaitRequests(1).get(0);
        Map<String, Object> event = JsonPath.from(got.text()).getMap("");
        assertThat(event).containsEntry("type", type).containsEntry("id", "1").doesNotContainKey("data");
        assertThat(Base64.getDecoder().decode((String) event.get("data_base64")))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo(body);
        assertThat(got.text()).doesNotContain("admin.grant");
    }

    private String binary(String lines, String body) {
        return head(
                        KEY,
                        "application/json",
                        "ce-specversion: 1.0\r\nce-id: 1\r\nce-source: " + source + "\r\nce-type: " + type + "\r\n"
                                + lines + length(body))
                + body;
    }

    private void accepted(String request) throws IOException {
        try (RawClient client = RawClient.connect()) {
            assertThat(client.send(request).readAnswer()).startsWith("HTTP/1.1 202 ");
        }
    }
}
