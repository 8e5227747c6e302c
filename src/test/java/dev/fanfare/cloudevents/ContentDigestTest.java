package dev.fanfare.cloudevents;

import static dev.fanfare.cloudevents.Messages.batch;
import static dev.fanfare.cloudevents.Messages.binary;
import static dev.fanfare.cloudevents.Messages.json;
import static dev.fanfare.cloudevents.Messages.structured;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContentDigestTest {
    @Test
    void the_same_event_is_the_same_in_each_mode() throws RejectedEvent {
        byte[] content = structured(json("\"n\":5,\"yes\":true,\"subject\":\"ä b\",\"data\":{\"a\":1.0}"))
                .content();
        assertThat(content).hasSize(32);
        assertThat(structured("{\"data\" : {\"a\":1.0}, \"yes\":\"true\", \"n\":\"5\", \"subject\":\"\\u00e4 b\","
                                + "\"unset\":null,\"datacontenttype\":\"application/json\"," + Messages.REQUIRED + "}")
                        .content())
                .isEqualTo(content);
        assertThat(batch("[" + json("\"n\":5,\"yes\":true,\"subject\":\"ä b\",\"data\":{\"a\":1.0}") + "]")
                        .get(0)
                        .content())
                .isEqualTo(content);
        assertThat(binary(
                                "{\"a\":1.0}".getBytes(UTF_8),
                                "content-type",
                                "application/json",
                                "ce-n",
                                "5",
                                "ce-yes",
                                "true",
                                "ce-subject",
                                "%C3%A4%20b")
                        .content())
                .isEqualTo(content);
    }

    @Test
    void text_and_base64_of_the_same_bytes_are_the_same() throws RejectedEvent {
        byte[] content =
                binary("<a/>".getBytes(UTF_8), "content-type", "text/xml").content();
        assertThat(structured(json("\"datacontenttype\":\"text/xml\",\"data\":\"<a/>\""))
                        .content())
                .isEqualTo(content);
        assertThat(structured(json("\"datacontenttype\":\"text/xml\",\"data_base64\":\"PGEvPg==\""))
                        .content())
                .isEqualTo(content);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`\"x\":\"1\"` | `\"x\":\"2\"`",
                "`\"x\":\"1\"` | `\"y\":\"1\"`",
                "`\"x\":\"\"` | `\"x\":null`",
                "`\"a\":\"bc\",\"d\":\"\"` | `\"a\":\"b\",\"cd\":\"\"`",
                "`\"data\":1` | `\"data\":1.0`",
                "`\"data\":{\"a\":1}` | `\"data\":{\"a\": 1}`",
                "`\"data\":1` | `\"data_base64\":\"MQ==\"`",
                "`\"data\":null` | `\"datacontenttype\":\"application/json\"`",
                "`\"time\":\"2018-04-05T17:31:00Z\"` | `\"time\":\"2018-04-05T17:31:00.0Z\"`",
            })
    void events_that_say_something_else_are_different(String one, String other) throws RejectedEvent {
        assertThat(structured(json(one)).content())
                .isNotEqualTo(structured(json(other)).content());
    }
}
