package dev.fanfare.cloudevents;

import static dev.fanfare.cloudevents.Messages.READER;
import static dev.fanfare.cloudevents.Messages.binary;
import static dev.fanfare.cloudevents.Messages.faults;
import static dev.fanfare.cloudevents.Messages.headers;
import static dev.fanfare.cloudevents.Messages.rejection;
import static dev.fanfare.cloudevents.Messages.required;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.cloudevents.WireEvent.DataKind;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CloudEvents HTTP binding §3.1. */
class EventReaderBinaryTest {
    private static final byte[] NOTHING = {};

    @Test
    void attributes_come_from_headers_of_any_case() throws RejectedEvent {
        WireEvent event = READER.read(
                        headers(
                                "CE-SpecVersion",
                                "1.0",
                                "Ce-ID",
                                "\"A 1\"",
                                "ce-source",
                                "/s%2520",
                                "cE-type",
                                "t%20%E2%82%AC",
                                "Ce-Subject",
                                "\u00e2\u0082\u00ac",
                                "ce-time",
                                "2018-04-05T17:31:00%2B02:00",
                                "ce-count",
                                "5",
                                "Content-Type",
                                " Text/Plain; charset=UTF-8 ",
                                "ce-dataschema",
                                "urn:x",
                                "Host",
                                "h"),
                        "d".getBytes(UTF_8))
                .get(0);
        assertThat(event.id()).isEqualTo("A 1");
        assertThat(event.source()).isEqualTo("/s%20");
        assertThat(event.type()).isEqualTo("t €");
        assertThat(event.subject()).isEqualTo("€");
        assertThat(event.time()).isEqualTo("2018-04-05T17:31:00+02:00");
        assertThat(event.datacontenttype()).isEqualTo("Text/Plain; charset=UTF-8");
        assertThat(event.dataschema()).isEqualTo("urn:x");
        assertThat(event.extensions()).isEqualTo(Map.of("count", "5"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "ce-datacontenttype | text/plain | /datacontenttype reserved",
                "ce-data | x | /data reserved",
                "ce- | x | / name",
                "ce-data_base64 | AA== | /data_base64 name",
                "ce-a-b | x | /a-b name",
                "CE-ID | 2 | /id duplicate",
                "ce-id | 1 | /id duplicate",
                "ce-subject | `` | /subject empty",
                "ce-subject | `\"\"` | /subject empty",
                "ce-subject | %0A | /subject control",
                "ce-subject | %00 | /subject control",
                "ce-subject | %C2%85 | /subject control",
                "ce-subject | %EF%BF%BE | /subject control",
                "ce-subject | %C0%A0 | /subject utf8",
                "ce-subject | gr\u00fcn | /subject utf8",
                "ce-time | 2018-04-05T17:31Z | /time time",
                "ce-dataschema | relative | /dataschema uri",
                "Content-Type | xyz | /datacontenttype mediatype",
                "Content-Type | `` | /datacontenttype empty",
                "Content-Type | `a/b, c/d` | /datacontenttype mediatype",
            })
    void a_header_that_is_not_allowed_is_refused_by_name(String name, String value, String fault) {
        assertThat(faults(() -> binary(NOTHING, name, value))).containsExactly(fault);
    }

    @Test
    void a_fault_names_the_header() {
        RejectedEvent rejected = rejection(() -> binary(NOTHING, "ce-time", "now"));
        assertThat(rejected.faults()).singleElement().matches(fault -> fault.detail()
                .startsWith("ce-time "));
        rejected = rejection(() -> binary(NOTHING, "content-type", "now"));
        assertThat(rejected.faults()).singleElement().matches(fault -> fault.detail()
                .startsWith("Content-Type "));
    }

    @Test
    void two_content_types_are_refused() {
        assertThat(faults(() -> binary(NOTHING, "content-type", "a/b", "Content-Type", "a/b")))
                .containsExactly("/datacontenttype duplicate");
    }

    @Test
    void a_missing_attribute_is_named() {
        assertThat(faults(() -> READER.read(headers("ce-x", "1"), NOTHING)))
                .containsExactly("/specversion missing", "/id missing", "/source missing", "/type missing");
        assertThat(faults(() -> READER.read(
                        headers("ce-specversion", "0.3", "ce-id", "1", "ce-source", "a b", "ce-type", ""), NOTHING)))
                .containsExactly("/specversion specversion", "/source uri", "/type empty");
    }

    @Test
    void an_empty_body_is_no_data_whatever_the_content_type() throws RejectedEvent {
        assertThat(binary(NOTHING).dataKind()).isEqualTo(DataKind.NONE);
        WireEvent event = binary(NOTHING, "content-type", "application/json");
        assertThat(event.dataKind()).isEqualTo(DataKind.NONE);
        assertThat(event.datacontenttype()).isEqualTo("application/json");
    }

    @Test
    void without_content_type_nothing_is_guessed() throws RejectedEvent {
        WireEvent event = binary("{}".getBytes(UTF_8));
        assertThat(event.datacontenttype()).isNull();
        assertThat(event.dataKind()).isEqualTo(DataKind.BINARY);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "application/json | {} | JSON",
                "application/json | ` \n[1, 1.0]\t` | JSON",
                "application/json | 1.50 | JSON",
                "application/json | `\"a\"` | JSON",
                "application/json | null | JSON",
                "Application/Vnd.Api+JSON; a=b | {} | JSON",
                "text/json | `{\"a\":1,\"a\":2}` | JSON",
                "application/json | `1,\"type\":\"admin.grant\",\"id\":\"forged\"` | BINARY",
                "application/json | {} {} | BINARY",
                "application/json | {} x | BINARY",
                "application/json | {}} | BINARY",
                "application/json | {'a':1} | BINARY",
                "application/json | `{\"a\":\"\t\"}` | BINARY",
                "application/json | `\"a` | BINARY",
                "application/json | 01 | BINARY",
                "application/json | ` ` | BINARY",
                "application/json | \uFEFF{} | BINARY",
                "text/plain | hello € | TEXT",
                "text/plain; charset=us-ascii | hello | TEXT",
                "text/xml; charset=\"UTF-8\" | <a/> | TEXT",
                "text/plain; charset=iso-8859-1 | hello | BINARY",
                "application/xml | <a/> | BINARY",
                "application/x-www-form-urlencoded | a=b | BINARY",
                "multipart/form-data; boundary=x | --x-- | BINARY",
            })
    void the_kind_of_data_follows_declaration_and_content(String contentType, String body, DataKind kind)
            throws RejectedEvent {
        WireEvent event = binary(body.getBytes(UTF_8), "content-type", contentType);
        assertThat(event.dataKind()).isEqualTo(kind);
        assertThat(event.dataBytes()).asString(UTF_8).isEqualTo(body);
    }

    @ParameterizedTest
    @ValueSource(strings = {"FF", "C0A0", "22FF22", "7B007D00", "007B007D"})
    void bytes_that_are_not_utf_8_are_binary(String hex) throws RejectedEvent {
        byte[] body = HexFormat.of().parseHex(hex);
        assertThat(binary(body, "content-type", "application/json").dataKind()).isEqualTo(DataKind.BINARY);
        if (hex.contains("F") || hex.contains("C0")) {
            assertThat(binary(body, "content-type", "text/plain").dataKind()).isEqualTo(DataKind.BINARY);
        }
    }

    @Test
    void utf_16_is_not_taken_for_json() throws RejectedEvent {
        byte[] body = "{\"a\":1}".getBytes(UTF_16LE);
        assertThat(binary(body, "content-type", "application/json").dataKind()).isEqualTo(DataKind.BINARY);
    }

    @Test
    void json_nested_deeper_than_the_limit_is_not_spliced() throws RejectedEvent {
        assertThat(json(64).dataKind()).isEqualTo(DataKind.JSON);
        assertThat(json(65).dataKind()).isEqualTo(DataKind.BINARY);
    }

    private static WireEvent json(int depth) throws RejectedEvent {
        String body = "[".repeat(depth) + "]".repeat(depth);
        return READER.read(required("content-type", "application/json"), body.getBytes(UTF_8))
                .get(0);
    }
}
