package dev.fanfare.cloudevents;

import static dev.fanfare.cloudevents.Messages.json;
import static dev.fanfare.cloudevents.Messages.structured;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.cloudevents.WireEvent.DataKind;
import java.util.Map;
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
