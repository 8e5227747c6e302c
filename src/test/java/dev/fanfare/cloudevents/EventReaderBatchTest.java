package dev.fanfare.cloudevents;

import static dev.fanfare.cloudevents.Messages.BATCH;
import static dev.fanfare.cloudevents.Messages.batch;
import static dev.fanfare.cloudevents.Messages.faults;
import static dev.fanfare.cloudevents.Messages.headers;
import static dev.fanfare.cloudevents.Messages.json;
import static dev.fanfare.cloudevents.Messages.rejection;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.cloudevents.EventReader.Limits;
import dev.fanfare.cloudevents.RejectedEvent.Kind;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** CloudEvents JSON format §4. */
class EventReaderBatchTest {
    @Test
    void an_empty_batch_has_no_events() throws RejectedEvent {
        assertThat(batch("[]")).isEmpty();
        assertThat(batch(" [ ] \n")).isEmpty();
    }

    @Test
    void events_come_in_the_order_of_the_batch_with_their_own_data() throws RejectedEvent {
        List<WireEvent> events = batch(" [ " + json("\"x\":1,\"data\": [1, 2] ") + " , " + json("\"data\":1.50") + ","
                + json("\"data_base64\":\"AP8=\"") + "," + json("") + " ] ");
        assertThat(events)
                .extracting(e -> new String(e.dataBytes(), UTF_8).length())
                .containsExactly(6, 4, 2, 0);
        assertThat(events.get(0).dataBytes()).asString(UTF_8).isEqualTo("[1, 2]");
        assertThat(events.get(1).dataBytes()).asString(UTF_8).isEqualTo("1.50");
        assertThat(events.get(1).extensions()).isEmpty();
    }

    @Test
    void the_same_event_twice_is_two_events() throws RejectedEvent {
        assertThat(batch("[" + json("") + "," + json("") + "]")).hasSize(2);
    }

    @Test
    void one_wrong_event_refuses_the_batch_and_each_fault_has_its_index() {
        String body = "[" + json("") + ",{},1,null,[" + json("") + "]," + json("\"time\":\"now\"") + "]";
        assertThat(faults(() -> batch(body)))
                .containsExactly(
                        "/1/specversion missing",
                        "/1/id missing",
                        "/1/source missing",
                        "/1/type missing",
                        "/2 type",
                        "/3 type",
                        "/4 type",
                        "/5/time time");
    }

    @Test
    void versions_may_not_be_mixed() {
        assertThat(faults(() -> batch("[" + json("") + "," + json("").replace("1.0", "0.3") + "]")))
                .containsExactly("/1/specversion specversion");
    }

    @Test
    void no_more_than_twenty_faults_are_told() {
        RejectedEvent rejected = rejection(() -> batch("[" + String.join(",", Collections.nCopies(500, "{}")) + "]"));
        assertThat(rejected.faults()).hasSize(20);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{} | ` type`",
                "`` | ` empty`",
                "1 | ` type`",
                "[ | ` malformed`",
                "[] [] | ` malformed`",
                "[]x | ` malformed`",
                "[{}x] | /0 malformed",
                "[,] | ` malformed`",
            })
    void what_is_not_one_json_array_is_refused(String body, String fault) {
        assertThat(faults(() -> batch(body))).contains(fault);
    }

    @Test
    void a_syntax_error_has_the_index_of_its_event() {
        assertThat(faults(() -> batch("[" + json("") + "," + json("\"data\":{]") + "]")))
                .containsExactly("/1 malformed");
        assertThat(faults(() -> batch("[" + json("") + "," + json("\"data\":" + "[".repeat(65)) + "]")))
                .containsExactly("/1 depth");
    }

    @Test
    void nothing_of_a_batch_is_read_past_the_count() {
        String most = String.join(",", Collections.nCopies(1000, json("")));
        assertThat(faults(() -> batch("[" + most + "]"))).containsExactly("accepted");
        RejectedEvent rejected = rejection(() -> batch("[" + most + ",not even JSON" + "]"));
        assertThat(rejected.kind()).isEqualTo(Kind.MALFORMED);
        rejected = rejection(() -> batch("[" + most + ",1,not even JSON" + "]"));
        assertThat(rejected.kind()).isEqualTo(Kind.TOO_LARGE);
        assertThat(rejected.faults()).extracting(RejectedEvent.Fault::code).containsExactly("count");
    }

    @Test
    void an_event_over_the_limit_is_named_and_whitespace_around_it_does_not_count() throws RejectedEvent {
        String event = json("\"data\":\"0123456789\"");
        EventReader reader = new EventReader(new Limits(event.length(), 10_000, 10, 4));
        String spaced = "[ \n" + event + " ".repeat(500) + "," + event + "\n]";
        assertThat(reader.read(headers("content-type", BATCH), spaced.getBytes(UTF_8)))
                .hasSize(2);
        String longer = "[" + event + "," + json("\"data\":\"01234567890\"") + "]";
        RejectedEvent rejected = rejection(() -> reader.read(headers("content-type", BATCH), longer.getBytes(UTF_8)));
        assertThat(rejected.kind()).isEqualTo(Kind.TOO_LARGE);
        assertThat(rejected.faults())
                .singleElement()
                .matches(f -> f.pointer().equals("/1") && f.code().equals("size"));
    }
}
