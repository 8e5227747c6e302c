package dev.fanfare.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fanfare.cloudevents.EventReader;
import dev.fanfare.cloudevents.EventReader.Limits;
import dev.fanfare.cloudevents.EventWriter;
import dev.fanfare.cloudevents.RejectedEvent;
import dev.fanfare.cloudevents.WireEvent;
import dev.fanfare.cloudevents.WireEvent.DataKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Header lines, an empty line, and a body: whatever it is, it is rejected in good order or an event that says the same in
 * every form that it is sent and stored in.
 */
public final class ReaderFuzz {
    private static final EventReader READER = new EventReader(new Limits(1 << 16, 1 << 18, 20, 20));
    /** JSON may be longer than what came: six bytes for a character. */
    private static final EventReader LARGE = new EventReader(new Limits(1 << 20, 1 << 20, 20, 20));

    private static final List<Map.Entry<String, String>> STRUCTURED =
            List.of(Map.entry("content-type", EventWriter.STRUCTURED_CONTENT_TYPE));
    private static final int MOST_FAULTS = 20;
    private static final int LONGEST_DETAIL = 200;

    private ReaderFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        String text = new String(input, ISO_8859_1);
        int headEnds = text.indexOf("\n\n");
        String head = headEnds < 0 ? text : text.substring(0, headEnds);
        byte[] body = headEnds < 0 ? new byte[0] : Arrays.copyOfRange(input, headEnds + 2, input.length);
        try {
            for (WireEvent event : READER.read(headers(head), body)) {
                saysTheSameEverywhere(event);
            }
        } catch (RejectedEvent rejected) {
            isInOrder(rejected);
        }
    }

    private static List<Map.Entry<String, String>> headers(String head) {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (String line : head.split("\n")) {
            int colon = line.indexOf(':');
            if (colon >= 0) {
                headers.add(Map.entry(line.substring(0, colon), line.substring(colon + 1)));
            }
        }
        return headers;
    }

    private static void saysTheSameEverywhere(WireEvent event) throws RejectedEvent {
        byte[] structured = event.structured();
        WireEvent again = only(LARGE.read(STRUCTURED, structured));
        if (isPadded(event)) {
            String data = new String(event.dataBytes(), UTF_8);
            Check.that(data.trim().equals(new String(again.dataBytes(), UTF_8)), "data without whitespace around it");
        } else {
            Check.equal(structured, again.structured(), "the structured form");
            same(event, again);
        }
        var binary = EventWriter.binary(event);
        if (binary.isPresent()) {
            same(event, only(LARGE.read(binary.get().headers(), binary.get().body())));
        }
        WireEvent stored = WireEvent.stored(
                event.id(),
                event.source(),
                event.type(),
                event.subject(),
                event.time(),
                event.datacontenttype(),
                event.dataschema(),
                event.extensionsJson(),
                event.dataKind(),
                event.dataKind() == DataKind.NONE ? null : event.dataBytes());
        Check.equal(structured, stored.structured(), "the stored event");
        event.getTime();
        event.heapBytes();
    }

    /** A body in binary mode; whoever reads the JSON that it is spliced into does not see this whitespace. */
    private static boolean isPadded(WireEvent event) {
        byte[] data = event.dataBytes();
        return event.dataKind() == DataKind.JSON && (isSpace(data[0]) || isSpace(data[data.length - 1]));
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\t' || b == '\r' || b == '\n';
    }

    private static void same(WireEvent event, WireEvent again) {
        Check.equal(event.dataBytes(), again.dataBytes(), "data");
        Check.equal(event.content(), again.content(), "content");
    }

    private static WireEvent only(List<WireEvent> events) {
        Check.that(events.size() == 1, "one event is one event");
        return events.get(0);
    }

    private static void isInOrder(RejectedEvent rejected) {
        Check.that(!rejected.faults().isEmpty() && rejected.faults().size() <= MOST_FAULTS, "the number of faults");
        for (RejectedEvent.Fault fault : rejected.faults()) {
            Check.that(fault.detail().length() <= LONGEST_DETAIL, "a detail's length");
            Check.that(fault.detail().chars().allMatch(c -> c >= ' ' && c < 0x7F), "a detail's characters");
            Check.that(fault.code().matches("[a-z0-9]+"), "a code");
        }
    }
}
