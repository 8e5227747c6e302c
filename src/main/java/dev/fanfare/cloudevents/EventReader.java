package dev.fanfare.cloudevents;

import dev.fanfare.cloudevents.MessageHead.Mode;
import dev.fanfare.cloudevents.RejectedEvent.Kind;
import java.util.List;
import java.util.Map;

/**
 * Reads CloudEvents 1.0 from HTTP messages in structured JSON, batch JSON and binary mode, as strictly as the
 * specification is written; no input costs more than its size. Thread-safe.
 *
 * <p>Headers are given as the server has them: any case, repeated ones as several entries, bytes above 0x7F as
 * ISO-8859-1 characters.
 */
public final class EventReader {
    /**
     * What one message may cost.
     *
     * @param eventBytes most bytes of one event on the wire: of the body, of the element of a batch, of header block and
     *     body in binary mode
     * @param batchBytes most bytes of a batch
     * @param batchCount most events of a batch
     * @param depth most arrays and objects within each other in the data of an event
     */
    public record Limits(int eventBytes, int batchBytes, int batchCount, int depth) {}

    private final Limits limits;
    private final StrictJson structured;
    private final StrictJson batch;
    private final BinaryMode binary;

    public EventReader(Limits limits) {
        this.limits = limits;
        this.structured = new StrictJson(limits.depth() + 1, limits.eventBytes());
        this.batch = new StrictJson(limits.depth() + 2, limits.batchBytes());
        this.binary = new BinaryMode(new StrictJson(limits.depth(), limits.eventBytes()));
    }

    /**
     * The most bytes that the body of this message may have, known before it is read.
     *
     * @throws RejectedEvent when the headers alone forbid it: not a CloudEvent, an unknown format or content coding
     */
    public int bodyLimit(Iterable<Map.Entry<String, String>> headers) throws RejectedEvent {
        MessageHead head = MessageHead.of(headers);
        return bodyLimit(head, head.mode());
    }

    /** Whether the message is a batch, of any number of events. */
    public static boolean isBatch(Iterable<Map.Entry<String, String>> headers) throws RejectedEvent {
        return MessageHead.of(headers).mode() == Mode.BATCH;
    }

    /**
     * The events of a message, in its order: one, or any number when it is a batch.
     *
     * @param body becomes part of the event in binary mode: not to be written to afterwards
     * @throws RejectedEvent when any event is not valid or a limit is passed; nothing of the message is to be taken
     */
    public List<WireEvent> read(Iterable<Map.Entry<String, String>> headers, byte[] body) throws RejectedEvent {
        MessageHead head = MessageHead.of(headers);
        Mode mode = head.mode();
        if (body.length > bodyLimit(head, mode)) {
            throw Faults.rejection(Kind.TOO_LARGE, "", Flaw.SIZE, "the message");
        }
        return switch (mode) {
            case STRUCTURED -> JsonMode.structured(structured, body);
            case BATCH -> JsonMode.batch(batch, body, limits.eventBytes(), limits.batchCount());
            case BINARY -> List.of(binary.read(head, body));
        };
    }

    private int bodyLimit(MessageHead head, Mode mode) {
        return switch (mode) {
            case STRUCTURED -> limits.eventBytes();
            case BATCH -> limits.batchBytes();
            case BINARY -> limits.eventBytes() - head.bytes();
        };
    }
}
