package dev.fanfare.cloudevents;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fanfare.cloudevents.EventReader.Limits;
import dev.fanfare.cloudevents.RejectedEvent.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Messages as a producer would send them, for the tests of this package. */
final class Messages {
    static final Limits LIMITS = new Limits(1 << 20, 8 << 20, 1000, 64);
    static final EventReader READER = new EventReader(LIMITS);
    static final String STRUCTURED = "application/cloudevents+json";
    static final String BATCH = "application/cloudevents-batch+json";
    static final String REQUIRED = "\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\"";

    private Messages() {}

    /** A structured event with the required attributes and {@code members} behind them. */
    static String json(String members) {
        return "{" + REQUIRED + (members.isEmpty() ? "" : "," + members) + "}";
    }

    static WireEvent structured(String body) throws RejectedEvent {
        return structured(body.getBytes(UTF_8));
    }

    static WireEvent structured(byte[] body) throws RejectedEvent {
        List<WireEvent> events = READER.read(headers("Content-Type", STRUCTURED), body);
        return events.get(0);
    }

    static List<WireEvent> batch(String body) throws RejectedEvent {
        return READER.read(headers("Content-Type", BATCH), body.getBytes(UTF_8));
    }

    /** A binary message with the required attributes; {@code more} are names and values in turn. */
    static WireEvent binary(byte[] body, String... more) throws RejectedEvent {
        return READER.read(required(more), body).get(0);
    }

    static List<Map.Entry<String, String>> required(String... more) {
        List<Map.Entry<String, String>> headers =
                new ArrayList<>(headers("ce-specversion", "1.0", "ce-id", "1", "ce-source", "/s", "ce-type", "t"));
        headers.addAll(headers(more));
        return headers;
    }

    static List<Map.Entry<String, String>> headers(String... namesAndValues) {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(Map.entry(namesAndValues[i], namesAndValues[i + 1]));
        }
        return headers;
    }

    interface Reading {
        Object read() throws RejectedEvent;
    }

    static RejectedEvent rejection(Reading reading) {
        return catchThrowableOfType(RejectedEvent.class, reading::read);
    }

    /** Faults as {@code pointer code}, in order. */
    static List<String> faults(Reading reading) {
        RejectedEvent rejected = rejection(reading);
        return rejected == null
                ? List.of("accepted")
                : rejected.faults().stream().map(Messages::brief).toList();
    }

    private static String brief(Fault fault) {
        return fault.pointer() + " " + fault.code();
    }
}
