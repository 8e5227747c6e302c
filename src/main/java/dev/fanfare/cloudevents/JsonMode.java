package dev.fanfare.cloudevents;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.fanfare.cloudevents.RejectedEvent.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Reads one structured message or batch: CloudEvents JSON format §3 and §4, in one pass and without a tree. */
final class JsonMode {
    /** Decimal digits of the smallest Integer, and its sign. */
    private static final int LONGEST_INTEGER = 11;

    private final JsonParser json;
    private final byte[] body;
    private final Faults faults = new Faults();
    private final List<WireEvent> events = new ArrayList<>(1);
    private String pointer = "";

    private JsonMode(JsonParser json, byte[] body) {
        this.json = json;
        this.body = body;
    }

    static List<WireEvent> structured(StrictJson syntax, byte[] body) throws RejectedEvent {
        return read(syntax, body, mode -> mode.event(body.length));
    }

    /**
     * @param eventBytes most bytes of one element
     * @param count most elements
     */
    static List<WireEvent> batch(StrictJson syntax, byte[] body, int eventBytes, int count) throws RejectedEvent {
        return read(syntax, body, mode -> mode.array(eventBytes, count));
    }

    private interface Root {
        void read(JsonMode mode) throws IOException, RejectedEvent;
    }

    private static List<WireEvent> read(StrictJson syntax, byte[] body, Root root) throws RejectedEvent {
        if (!Utf8.isValidForJson(body)) {
            throw Faults.rejection(Kind.MALFORMED, "", Flaw.UTF8, "the body");
        }
        try (JsonParser json = syntax.parser(body)) {
            JsonMode mode = new JsonMode(json, body);
            try {
                mode.document(root);
            } catch (IOException e) {
                mode.faults.add(mode.pointer, syntax.flawOf(json), "the JSON");
            }
            mode.faults.throwIfAny();
            return mode.events;
        } catch (IOException e) {
            throw Faults.rejection(Kind.MALFORMED, "", Flaw.MALFORMED, "the body");
        }
    }

    private void document(Root root) throws IOException, RejectedEvent {
        if (json.nextToken() == null) {
            faults.add("", Flaw.EMPTY, "the body");
            return;
        }
        root.read(this);
        pointer = "";
        if (json.nextToken() != null) {
            faults.add("", Flaw.MALFORMED, "what follows the event or batch");
        }
    }

    private void array(int eventBytes, int count) throws IOException, RejectedEvent {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            faults.add("", Flaw.TYPE, "the batch");
            json.skipChildren();
            return;
        }
        int index = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (index == count) {
                throw Faults.rejection(Kind.TOO_LARGE, "", Flaw.COUNT, "the batch");
            }
            pointer = "/" + index++;
            event(eventBytes);
        }
    }

    private void event(int eventBytes) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            faults.add(pointer, Flaw.TYPE, "the event");
            json.skipChildren();
            return;
        }
        long start = json.currentTokenLocation().getByteOffset();
        EventDraft draft = new EventDraft(faults, pointer, false);
        JsonData data = new JsonData(draft, body);
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            member(draft, data, json.currentName());
        }
        if (json.currentLocation().getByteOffset() - start > eventBytes) {
            faults.add(pointer, Flaw.SIZE, "the event");
            return;
        }
        data.check();
        if (draft.isWhole()) {
            events.add(draft.build(data.kind(), data.bytes()));
        }
    }

    private void member(EventDraft draft, JsonData data, String name) throws IOException {
        JsonToken token = json.nextToken();
        if (name.equals("data")) {
            data.readValue(json);
        } else if (name.equals("data_base64")) {
            data.readBase64(json);
        } else if (draft.claim(name)) {
            attribute(draft, name, token);
        }
        json.skipChildren();
    }

    private void attribute(EventDraft draft, String name, JsonToken token) throws IOException {
        switch (token) {
            case VALUE_NULL -> {}
            case VALUE_STRING -> draft.set(name, json.getText());
            case VALUE_TRUE -> draft.set(name, true);
            case VALUE_FALSE -> draft.set(name, false);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(draft, name, token);
            default -> draft.flaw(name, Flaw.TYPE);
        }
    }

    /** The length is looked at first: turning a million digits into a number costs more than reading them. */
    private void number(EventDraft draft, String name, JsonToken token) throws IOException {
        if (token == JsonToken.VALUE_NUMBER_INT && json.getTextLength() <= LONGEST_INTEGER) {
            long value = json.getLongValue();
            if (value == (int) value) {
                draft.set(name, Integer.valueOf((int) value));
                return;
            }
        }
        draft.flaw(name, Flaw.RANGE);
    }
}
