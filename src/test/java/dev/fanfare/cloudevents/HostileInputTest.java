package dev.fanfare.cloudevents;

import static dev.fanfare.cloudevents.Messages.STRUCTURED;
import static dev.fanfare.cloudevents.Messages.faults;
import static dev.fanfare.cloudevents.Messages.headers;
import static dev.fanfare.cloudevents.Messages.json;
import static dev.fanfare.cloudevents.Messages.structured;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Inputs as large as the limit that cost a careless reader more than their size; and broken ones of any kind. */
class HostileInputTest {
    private static final int MILLION = 1_000_000;

    @Test
    void a_million_digits_are_not_computed() {
        assertThat(faults(() -> structured(json("\"x\":" + "9".repeat(MILLION)))))
                .containsExactly("/x range");
        assertThat(faults(() -> structured(json("\"x\":1." + "9".repeat(MILLION)))))
                .containsExactly("/x range");
        assertThat(faults(() -> structured(json("\"x\":1e" + "9".repeat(MILLION)))))
                .containsExactly("/x range");
    }

    @Test
    void data_of_a_million_digits_is_data() throws RejectedEvent {
        assertThat(structured(json("\"data\":" + "9".repeat(MILLION))).dataBytes())
                .hasSize(MILLION);
        assertThat(structured(json("\"data\":[0." + "9".repeat(MILLION) + "]")).dataBytes())
                .hasSize(MILLION + 4);
    }

    @Test
    void a_hundred_thousand_extensions_are_read() throws RejectedEvent {
        String members =
                IntStream.range(0, 80_000).mapToObj(i -> "\"x" + i + "\":1").collect(Collectors.joining(","));
        assertThat(structured(json(members)).extensions()).hasSize(80_000);
    }

    @Test
    void names_in_data_that_are_all_different_are_read() throws RejectedEvent {
        for (int round = 0; round < 3; round++) {
            String start = "\"" + round;
            String members =
                    IntStream.range(0, 70_000).mapToObj(i -> start + i + "\":1").collect(Collectors.joining(","));
            assertThat(structured(json("\"data\":{" + members + "}")).dataBytes())
                    .hasSizeGreaterThan(500_000);
        }
    }

    @Test
    void a_name_or_value_as_long_as_the_limit_is_taken() throws RejectedEvent {
        assertThat(structured(json("\"" + "x".repeat(MILLION) + "\":1")).extensions())
                .hasSize(1);
        assertThat(structured(json("\"x\":\"" + "y".repeat(MILLION) + "\"")).attribute("x"))
                .hasSize(MILLION);
        assertThat(structured(json("\"data\":{\"" + "x".repeat(MILLION) + "\":1}"))
                        .dataBytes())
                .hasSizeGreaterThan(MILLION);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":", "[{\"a\":["})
    void deep_nesting_ends_at_the_limit(String opening) {
        String deep = opening.repeat(MILLION / opening.length());
        assertThat(faults(() -> structured(json("\"data\":" + deep)))).containsExactly(" depth");
        assertThat(faults(() -> structured(json("\"x\":" + deep)))).contains(" depth");
        assertThat(faults(() -> structured(deep))).contains(" depth");
    }

    static List<String> wholeMessages() {
        return List.of(
                json(
                        "\"x\":-12,\"y\":true,\"time\":\"2018-04-05T17:31:00.10Z\",\"data\":{\"ä\":[1.0e5,null,\"\\u00e4\"]}"),
                json("\"datacontenttype\":\"text/plain\",\"data\":\"a\\nb\""),
                json("\"data_base64\":\"AAECAw==\""));
    }

    @ParameterizedTest
    @MethodSource("wholeMessages")
    void a_message_cut_anywhere_is_rejected(String message) {
        byte[] whole = message.getBytes(UTF_8);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThat(faults(() -> structured(cut))).doesNotContain("accepted").isNotEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("wholeMessages")
    void whatever_is_changed_it_is_an_event_or_a_rejection(String message) {
        Random random = new Random(42);
        for (int i = 0; i < 5_000; i++) {
            byte[] changed = message.getBytes(UTF_8);
            for (int k = 0; k <= random.nextInt(3); k++) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            assertThatCode(() -> readAndWrite(changed)).doesNotThrowAnyException();
        }
    }

    private static void readAndWrite(byte[] body) throws RejectedEvent {
        WireEvent event;
        try {
            event = Messages.READER
                    .read(headers("content-type", STRUCTURED), body)
                    .get(0);
        } catch (RejectedEvent rejected) {
            return;
        }
        WireEvent again = structured(event.structured());
        assertThat(again.structured()).isEqualTo(event.structured());
        assertThat(again.content()).isEqualTo(event.content());
        EventWriter.binary(event);
        event.getTime();
    }
}
