package dev.fanfare.cloudevents;

import dev.fanfare.cloudevents.WireEvent.DataKind;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One event while it is read: takes attributes in any order, holds them to CloudEvents §"Context Attributes". */
final class EventDraft {
    /** Value of a member that was null: unset, and yet seen. */
    private static final Object UNSET = new Object();

    /** Value of an attribute whose fault is recorded already. */
    private static final Object FLAWED = new Object();

    private final Map<String, Object> attributes = new HashMap<>(24);
    private final Faults faults;
    private final String pointer;
    private final boolean inHeaders;
    private @Nullable MediaType mediaType;
    private boolean flawed;

    /**
     * @param pointer JSON pointer of the event in its message
     * @param inHeaders whether the attributes come as HTTP headers, which faults then name
     */
    EventDraft(Faults faults, String pointer, boolean inHeaders) {
        this.faults = faults;
        this.pointer = pointer;
        this.inHeaders = inHeaders;
    }

    /** Notes that an attribute is there; false (and a fault) when its name is not allowed or came before. */
    boolean claim(String name) {
        if (name.equals("data")) {
            return flaw(name, Flaw.RESERVED);
        }
        if (!isName(name)) {
            return flaw(name, Flaw.NAME);
        }
        return attributes.putIfAbsent(name, UNSET) == null || flaw(name, Flaw.DUPLICATE);
    }

    /** Gives a claimed attribute its String; a fault when the value is not allowed. */
    void set(String name, String value) {
        Flaw flaw = flawOf(name, value);
        if (flaw == null) {
            attributes.put(name, value);
        } else {
            flaw(name, flaw);
        }
    }

    /** Gives a claimed extension its Boolean or Integer; a fault for core attributes, which are all Strings. */
    void set(String name, Object value) {
        if (isCore(name)) {
            flaw(name, Flaw.TYPE);
        } else {
            attributes.put(name, value);
        }
    }

    /** Records a fault of an attribute or of the data; always false. */
    boolean flaw(String name, Flaw flaw) {
        flawed = true;
        attributes.put(name, FLAWED);
        faults.add(Faults.pointer(pointer, name), flaw, subject(name, flaw));
        return false;
    }

    private String subject(String name, Flaw flaw) {
        if (!Faults.isPresentable(name)) {
            return "an attribute";
        }
        if (!inHeaders) {
            return name;
        }
        return name.equals("datacontenttype") && flaw != Flaw.RESERVED ? "Content-Type" : "ce-" + name;
    }

    /** What datacontenttype declares; null while it is unset or wrong. */
    @Nullable
    MediaType mediaType() {
        return mediaType;
    }

    /** Records which attributes are missing; false when the event has this or any other fault. */
    boolean isWhole() {
        require("specversion");
        require("id");
        require("source");
        require("type");
        return !flawed;
    }

    /** The event; only when {@link #isWhole()}. */
    WireEvent build(DataKind dataKind, byte[] data) {
        attributes.remove("specversion");
        attributes.values().removeIf(value -> value == UNSET);
        return new WireEvent(
                required("id"),
                required("source"),
                required("type"),
                optional("subject"),
                optional("time"),
                optional("datacontenttype"),
                optional("dataschema"),
                extensions(),
                dataKind,
                data);
    }

    private void require(String name) {
        Object value = attributes.get(name);
        if (value == null || value == UNSET) {
            flaw(name, Flaw.MISSING);
        }
    }

    private String required(String name) {
        return Objects.requireNonNull(optional(name));
    }

    private @Nullable String optional(String name) {
        return (String) attributes.remove(name);
    }

    /** What is left when the core attributes are taken. */
    private SortedMap<String, Object> extensions() {
        return attributes.isEmpty()
                ? Collections.emptySortedMap()
                : Collections.unmodifiableSortedMap(new TreeMap<>(attributes));
    }

    private @Nullable Flaw flawOf(String name, String value) {
        if (hasForbiddenCharacter(value)) {
            return Flaw.CONTROL;
        }
        if (!isCore(name)) {
            return null;
        }
        if (value.isEmpty()) {
            return Flaw.EMPTY;
        }
        return switch (name) {
            case "specversion" -> value.equals("1.0") ? null : Flaw.SPECVERSION;
            case "source" -> UriReference.isValid(value) ? null : Flaw.URI;
            case "dataschema" -> UriReference.isAbsolute(value) ? null : Flaw.URI;
            case "time" -> Timestamp.isValid(value) ? null : Flaw.TIME;
            case "datacontenttype" -> {
                mediaType = MediaType.parse(value);
                yield mediaType == null ? Flaw.MEDIATYPE : null;
            }
            default -> null;
        };
    }

    private static boolean isCore(String name) {
        return switch (name) {
            case "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema" -> true;
            default -> false;
        };
    }

    /** CloudEvents §"Attribute Naming Convention"; longer names than the recommended 20 are taken. */
    private static boolean isName(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if ((c < 'a' || c > 'z') && (c < '0' || c > '9')) {
                return false;
            }
        }
        return !name.isEmpty();
    }

    /** CloudEvents §"Type System", String: control characters, noncharacters, surrogates that are not in pairs. */
    private static boolean hasForbiddenCharacter(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' || (c >= 0x7F && c <= 0x9F)) {
                return true;
            }
            if (c < Character.MIN_SURROGATE) {
                continue;
            }
            int point = value.codePointAt(i);
            if (Character.isSupplementaryCodePoint(point)) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return true;
            }
            if ((point & 0xFFFE) == 0xFFFE || (point >= 0xFDD0 && point <= 0xFDEF)) {
                return true;
            }
        }
        return false;
    }
}
