package dev.fanfare.cloudevents;

import static dev.fanfare.cloudevents.Messages.json;
import static dev.fanfare.cloudevents.Messages.structured;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.cloudevents.WireEvent.DataKind;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredEventTest {
    @Test
    void extensions_keep_their_types_through_storage() throws RejectedEvent {
        WireEvent event =
                structured(json("\"flag\":true,\"off\":false,\"n\":-2147483648,\"s\":\"5\",\"q\":\"\\\"ä\\\\\""));
        assertThat(event.extensionsJson())
                .isEqualTo("{\"flag\":true,\"n\":-2147483648,\"off\":false,\"q\":\"\\\"ä\\\\\",\"s\":\"5\"}");
        assertThat(stored(event.extensionsJson()).extensions())
                .isEqualTo(Map.of("flag", true, "off", false, "n", Integer.MIN_VALUE, "s", "5", "q", "\"ä\\"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "ä", "漢", "x漢", "😀", "\"", "\\"})
    void an_event_takes_no_more_memory_than_it_says(String text) {
        String value = text.repeat(5_000);
        String extensions = Extensions.toJson(new TreeMap<>(Map.of("color", value, "n", 1, "off", false)));
        for (DataKind kind : List.of(DataKind.JSON, DataKind.TEXT, DataKind.BINARY)) {
            byte[] data = ("{\"" + "x".repeat(10_000) + "\":0}").getBytes(UTF_8);
            WireEvent event = WireEvent.stored("1", "/s", "t", value, null, null, null, extensions, kind, data);
            // two strings, of Latin-1 or of two bytes a character
            int width = value.chars().allMatch(c -> c < 256) ? 1 : 2;
            long taken = 2L * width * value.length() + data.length + event.structured().length;
            assertThat(event.heapBytes()).isBetween(taken, 3 * taken);
            assertThat(event.structured()).as("kept").isSameAs(event.structured());
        }
    }

    @Test
    void many_small_extensions_count_as_objects() {
        Map<String, Object> extensions = new TreeMap<>();
        for (int i = 0; i < 10_000; i++) {
            extensions.put("x" + i, i);
        }
        assertThat(stored(Extensions.toJson(new TreeMap<>(extensions))).heapBytes())
                .as("an entry of 40 bytes, a name of 48, a value of 16, and the structured form")
                .isGreaterThan(10_000 * 104 + stored(null).heapBytes());
    }

    @Test
    void a_structured_form_that_is_longer_than_was_counted_is_not_kept() {
        byte[] data = "\u0001".repeat(10_000).getBytes(UTF_8);
        WireEvent event = WireEvent.stored("1", "/s", "t", null, null, null, null, null, DataKind.TEXT, data);
        assertThat(event.structured()).hasSizeGreaterThan(60_000).isEqualTo(event.structured());
        assertThat(event.structured()).isNotSameAs(event.structured());
    }

    @Test
    void no_extensions_are_stored_as_nothing() throws RejectedEvent {
        assertThat(structured(json("")).extensionsJson()).isNull();
        WireEvent event = stored(null);
        assertThat(event.extensions()).isEmpty();
        assertThat(event.dataBytes()).isEmpty();
        assertThat(event.structured()).isEqualTo(structured(json("")).structured());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":1.5}", "{\"a\":{}}", "{\"a\":null}", "{\"a\":99999999999}", "{\"a\"", "x"})
    void extensions_that_were_not_written_here_are_refused(String extensions) {
        assertThatThrownBy(() -> stored(extensions)).isInstanceOf(IllegalArgumentException.class);
    }

    private static WireEvent stored(String extensionsJson) {
        return WireEvent.stored("1", "/s", "t", null, null, null, null, extensionsJson, DataKind.NONE, null);
    }
}
