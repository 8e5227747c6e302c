package dev.fanfare.cloudevents;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What reading and writing an event of 500 bytes of data, 645 in JSON, allocates. The figures are those of interpreted
 * code, which compiled code stays below; each bound is less than one more copy of the event above them.
 */
class EventCostTest {
    /** 2,872 now, the 500 bytes of data once in it. */
    private static final int MOST_TO_READ_STRUCTURED = 3_400;
    /** 2,032 now: its data is the body itself. */
    private static final int MOST_TO_READ_BINARY = 2_500;
    /** 1,775 now: the parser and its buffers are there once for all. */
    private static final int MOST_TO_READ_ONE_OF_A_BATCH = 2_300;
    /** 2,968 now, 1,500 of them the buffer and its copy. */
    private static final int MOST_TO_WRITE_STRUCTURED = 3_500;
    /** 768 now: headers alone, the body is the data itself. */
    private static final int MOST_TO_WRITE_BINARY = 1_100;

    private static final int ROUNDS = 5_000;
    private static final int BATCH = 100;
    private static final byte[] DATA = ("{\"order\":\"" + "x".repeat(488) + "\"}").getBytes(UTF_8);
    private static final String EVENT = Messages.json(
            "\"subject\":\"42\",\"time\":\"2026-03-01T12:00:00Z\",\"datacontenttype\":\"application/json\",\"data\":"
                    + new String(DATA, UTF_8));

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** So that no result can be left out by the compiler. */
    private Object last = "";

    private long bytesEach(int rounds, Messages.Reading work) throws RejectedEvent {
        run(rounds, work);
        long before = threads.getCurrentThreadAllocatedBytes();
        run(rounds, work);
        assertThat(last).isNotNull();
        return (threads.getCurrentThreadAllocatedBytes() - before) / rounds;
    }

    private void run(int rounds, Messages.Reading work) throws RejectedEvent {
        for (int i = 0; i < rounds; i++) {
            last = work.read();
        }
    }

    private static List<Map.Entry<String, String>> head(String contentType) {
        return Messages.headers("Host", "fanfare.example", "Content-Type", contentType, "Content-Length", "645");
    }

    @Test
    void an_event_is_read_with_one_copy_of_its_data() throws RejectedEvent {
        List<Map.Entry<String, String>> head = head(Messages.STRUCTURED);
        byte[] body = EVENT.getBytes(UTF_8);
        assertThat(bytesEach(ROUNDS, () -> Messages.READER.read(head, body)))
                .isLessThanOrEqualTo(MOST_TO_READ_STRUCTURED);
    }

    @Test
    void a_binary_event_is_read_without_a_copy_of_its_data() throws RejectedEvent {
        List<Map.Entry<String, String>> head = Messages.required(
                "ce-subject", "42", "ce-time", "2026-03-01T12:00:00Z", "content-type", "application/json");
        assertThat(bytesEach(ROUNDS, () -> Messages.READER.read(head, DATA))).isLessThanOrEqualTo(MOST_TO_READ_BINARY);
    }

    @Test
    void an_event_of_a_batch_is_read_for_less() throws RejectedEvent {
        List<Map.Entry<String, String>> head = head(Messages.BATCH);
        byte[] body = ("[" + EVENT + ("," + EVENT).repeat(BATCH - 1) + "]").getBytes(UTF_8);
        assertThat(bytesEach(ROUNDS / BATCH, () -> Messages.READER.read(head, body)) / BATCH)
                .isLessThanOrEqualTo(MOST_TO_READ_ONE_OF_A_BATCH);
    }

    @Test
    void an_event_is_written_into_one_buffer_of_its_size() throws RejectedEvent {
        WireEvent event = Messages.structured(EVENT);
        assertThat(bytesEach(ROUNDS, () -> EventWriter.structured(event)))
                .isLessThanOrEqualTo(MOST_TO_WRITE_STRUCTURED);
        assertThat(bytesEach(ROUNDS, () -> EventWriter.binary(event))).isLessThanOrEqualTo(MOST_TO_WRITE_BINARY);
    }

    @Test
    void an_event_is_written_once_however_many_receivers_get_it() throws RejectedEvent {
        WireEvent event = Messages.structured(EVENT);
        assertThat(event.structured()).isSameAs(event.structured());
    }
}
