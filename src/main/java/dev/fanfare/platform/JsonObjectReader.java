package dev.fanfare.platform;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes the members off a JSON object by name and type. What is wrong is collected with its pointer, not thrown, so
 * that a client hears of everything at once; {@link #finish} on the outermost reader throws it, and names every member
 * that nobody took. A member with the value null counts as absent.
 */
public final class JsonObjectReader {
    private final ObjectNode object;
    private final String pointer;
    private final List<Fault> faults;
    private final Set<String> taken = new LinkedHashSet<>();
    private final List<JsonObjectReader> inner = new ArrayList<>();

    private JsonObjectReader(ObjectNode object, String pointer, List<Fault> faults) {
        this.object = object;
        this.pointer = pointer;
        this.faults = faults;
    }

    public static JsonObjectReader of(ObjectNode object) {
        return new JsonObjectReader(object, "", new ArrayList<>());
    }

    /** A copy of the whole object, for keeping it as it came. */
    public ObjectNode copy() {
        return object.deepCopy();
    }

    /** Whether the member is there at all, even as null. */
    public boolean has(String name) {
        return object.has(name);
    }

    /** The JSON pointer of this object. */
    public String pointer() {
        return pointer;
    }

    /** The JSON pointer of a member of this object. */
    public String pointer(String name) {
        return pointer + step(name);
    }

    /** The member as it stands, null when it is absent or null. Its content is the caller's to check. */
    public @Nullable JsonNode any(String name) {
        taken.add(name);
        JsonNode value = object.get(name);
        return value == null || value.isNull() ? null : value;
    }

    /** Marks members as known, whatever is in them. */
    public void ignore(String... names) {
        taken.addAll(List.of(names));
    }

    /** As {@link #any}, to be read by type. */
    public @Nullable JsonValue value(String name) {
        JsonNode value = any(name);
        return value == null ? null : new JsonValue(value, pointer(name), faults);
    }

    public @Nullable String text(String name, int maxLength) {
        JsonValue value = value(name);
        return value == null ? null : value.text(maxLength);
    }

    public @Nullable Boolean flag(String name) {
        JsonValue value = value(name);
        return value == null ? null : value.flag();
    }

    public @Nullable Integer integer(String name, int min, int max) {
        JsonValue value = value(name);
        return value == null ? null : value.integer(min, max);
    }

    public @Nullable Double number(String name, double min, double max) {
        JsonValue value = value(name);
        return value == null ? null : value.number(min, max);
    }

    public @Nullable Duration duration(String name, Duration min, Duration max) {
        JsonValue value = value(name);
        return value == null ? null : value.duration(min, max);
    }

    /** A text that is one of the words, which are compared as they stand. */
    public @Nullable String word(String name, List<String> words) {
        String text = text(name, 200);
        if (text != null && !words.contains(text)) {
            fault(name, "invalid", "must be " + String.join(" or ", words));
            return null;
        }
        return text;
    }

    /** Null when absent or not an object; members of the inner object are reported by the outermost {@link #finish}. */
    public @Nullable JsonObjectReader object(String name) {
        JsonNode value = any(name);
        if (value == null) {
            return null;
        }
        if (!(value instanceof ObjectNode members)) {
            fault(name, "wrongtype", "must be an object");
            return null;
        }
        JsonObjectReader reader = new JsonObjectReader(members, pointer(name), faults);
        inner.add(reader);
        return reader;
    }

    /** The elements of an array, or null when the member is absent, not an array or too long. */
    public @Nullable List<JsonNode> array(String name, int maxSize) {
        JsonNode value = any(name);
        if (value == null) {
            return null;
        }
        if (!(value instanceof ArrayNode array)) {
            fault(name, "wrongtype", "must be an array");
            return null;
        }
        if (array.size() > maxSize) {
            fault(name, "toomany", "must have at most " + maxSize + " elements");
            return null;
        }
        List<JsonNode> elements = new ArrayList<>();
        array.forEach(elements::add);
        return elements;
    }

    /** Reads one element of an array; null when it is faulty, which it has told then. */
    @FunctionalInterface
    public interface Element<T> {
        @Nullable
        T read(JsonValue element);
    }

    /** The elements of an array, without those that are faulty; null as in {@link #array}. */
    public <T> @Nullable List<T> each(String name, int maxSize, Element<T> element) {
        List<JsonNode> nodes = array(name, maxSize);
        if (nodes == null) {
            return null;
        }
        List<T> elements = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            T read = element.read(new JsonValue(nodes.get(i), pointer(name) + "/" + i, faults));
            if (read != null) {
                elements.add(read);
            }
        }
        return elements;
    }

    /** The names of the members, in their order; does not mark them as known. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    public void fault(String name, String code, String detail) {
        faultAt(pointer(name), code, detail);
    }

    /** For what another parser found; {@code at} is a whole pointer. */
    public void faultAt(String at, String code, String detail) {
        faults.add(new Fault(at, code, detail));
    }

    /** Adds a fault unless the member is there and not null. */
    public void require(String name) {
        if (!object.hasNonNull(name)) {
            fault(name, "missing", "is required");
        }
    }

    /**
     * Ends the reading of the outermost object.
     *
     * @throws ProblemException 400 with the first hundred faults and unknown members of this object and those within
     */
    public void finish() {
        reportUnknown();
        if (!faults.isEmpty()) {
            throw Problem.ofFaults(faults.subList(0, Math.min(faults.size(), 100)))
                    .exception();
        }
    }

    private void reportUnknown() {
        for (String name : names()) {
            if (!taken.contains(name)) {
                fault(name, "unknownmember", "is not known here");
            }
        }
        inner.forEach(JsonObjectReader::reportUnknown);
    }

    static String step(String name) {
        return "/" + name.replace("~", "~0").replace("/", "~1");
    }
}
