package dev.fanfare.subscription;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.filter.Filter;
import dev.fanfare.filter.Filters;
import dev.fanfare.filter.InvalidFilter;
import dev.fanfare.platform.JsonObjectReader;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a subscription is configured to do, without its secrets.
 *
 * @param filter types, source and filters together
 * @param json the members as the client wrote them, defaults not applied: what is stored and shown
 */
record Configuration(@Nullable String name, String sink, Filter filter, Settings settings, ObjectNode json) {
    static final int MAX_SINK = 2048;
    private static final int MAX_TYPES = 256;
    private static final int MAX_ATTRIBUTE = 4096;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Takes its members off a body; faults stay in the reader, and after one the result is of no use. */
    static Configuration read(JsonObjectReader body, @Nullable JsonObjectReader protocolSettings) {
        String name = printable(body, "name", 200);
        printable(body, "description", 2_000);
        body.require("sink");
        String sink = sink(body);
        body.word("protocol", List.of("HTTP"));
        body.object("config");
        List<Filter> filters = new ArrayList<>();
        addTypes(body, filters);
        addSource(body, filters);
        addFilters(body, filters);
        Settings settings = SettingsReader.read(protocolSettings);
        return new Configuration(name, sink == null ? "" : sink, new Filter.All(filters), settings, body.copy());
    }

    /**
     * Reads what {@link #json} was stored as.
     *
     * @throws IllegalStateException when it is not what this version would accept
     */
    static Configuration stored(String text) {
        try {
            JsonObjectReader reader = JsonObjectReader.of((ObjectNode) JSON.readTree(text));
            Configuration configuration = read(reader, reader.object("protocolsettings"));
            reader.finish();
            return configuration;
        } catch (JsonProcessingException | RuntimeException e) {
            throw new IllegalStateException("A stored subscription cannot be read", e);
        }
    }

    private static @Nullable String printable(JsonObjectReader body, String name, int maxLength) {
        String text = body.text(name, maxLength);
        if (text != null && (text.isBlank() || text.codePoints().anyMatch(c -> (c < 32 && c != '\n') || c == 127))) {
            body.fault(name, "invalid", "must not be blank and must have no control characters");
            return null;
        }
        return text;
    }

    /** The form alone; whether it may be called is {@code SinkGuard}'s. */
    private static @Nullable String sink(JsonObjectReader body) {
        String sink = body.text("sink", MAX_SINK);
        if (sink == null) {
            return null;
        }
        String wrong = wrongIn(sink);
        if (wrong != null) {
            body.fault("sink", "invalid", wrong);
            return null;
        }
        return sink;
    }

    private static @Nullable String wrongIn(String sink) {
        try {
            URI uri = new URI(sink);
            if (!sink.chars().allMatch(c -> c > 32 && c < 127)) {
                return "must be ASCII; percent-encode the rest";
            }
            if (uri.getScheme() == null || !uri.getScheme().matches("(?i)https?") || uri.getRawAuthority() == null) {
                return "must be an absolute https URI";
            }
            if (uri.getRawAuthority().indexOf('@') >= 0) {
                return "must have no user information; use sinkcredential";
            }
            return uri.getRawFragment() == null ? null : "must have no fragment";
        } catch (URISyntaxException e) {
            return "must be an absolute https URI";
        }
    }

    private static void addTypes(JsonObjectReader body, List<Filter> filters) {
        List<String> types = body.each("types", MAX_TYPES, element -> {
            String type = element.text(MAX_ATTRIBUTE);
            if (type != null && type.isEmpty()) {
                element.fault("invalid", "must not be empty");
            }
            return type;
        });
        if (types == null) {
            return;
        }
        if (List.of().equals(body.array("types", MAX_TYPES))) {
            body.fault("types", "invalid", "must have an element; leave it out for events of every type");
        }
        filters.add(new Filter.AnyTypeOf(Set.copyOf(types)));
    }

    private static void addSource(JsonObjectReader body, List<Filter> filters) {
        String source = body.text("source", MAX_ATTRIBUTE);
        if (source != null && (source.isEmpty() || source.chars().anyMatch(c -> c <= 32 || c == 127))) {
            body.fault("source", "invalid", "must be a URI reference, and not empty");
        } else if (source != null) {
            filters.add(new Filter.Exact("source", source));
        }
    }

    private static void addFilters(JsonObjectReader body, List<Filter> filters) {
        JsonNode array = body.any("filters");
        if (array == null) {
            return;
        }
        try {
            filters.add(Filters.parse(array, body.pointer("filters")));
        } catch (InvalidFilter e) {
            e.faults().forEach(fault -> body.faultAt(fault.pointer(), fault.code(), fault.detail()));
        }
    }
}
