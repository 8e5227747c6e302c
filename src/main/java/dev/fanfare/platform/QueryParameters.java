package dev.fanfare.platform;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The query parameters of a request. Getters collect what is wrong; {@link #finish} throws it and refuses every
 * parameter that nobody asked for, so that a misspelt filter never means "everything".
 */
public final class QueryParameters {
    public static final int DEFAULT_LIMIT = 50;
    public static final int MAX_LIMIT = 500;
    private static final int MAX_LENGTH = 4_096;

    private final String list;
    private final TreeMap<String, List<String>> parameters;
    private final Set<String> asked = new TreeSet<>();
    private final List<Fault> faults = new ArrayList<>();

    /**
     * The query of one request.
     *
     * @param list what a cursor is bound to beside the filters: the tenant and the path
     * @param parameters decoded names and values, as JAX-RS' {@code UriInfo.getQueryParameters()} has them
     */
    public QueryParameters(String list, Map<String, List<String>> parameters) {
        this.list = list;
        this.parameters = new TreeMap<>(parameters);
    }

    /** Null when the parameter is absent. Empty is a fault, twice is a fault. */
    public @Nullable String text(String name, int maxLength) {
        asked.add(name);
        List<String> values = parameters.get(name);
        if (values == null) {
            return null;
        }
        String value = values.isEmpty() ? "" : values.get(0);
        if (values.size() > 1) {
            fault(name, "toomany", "must be given once");
        } else if (value.isEmpty()) {
            fault(name, "invalid", "must not be empty");
        } else if (value.length() > maxLength) {
            fault(name, "toolong", "must have at most " + maxLength + " characters");
        } else if (value.indexOf(0) >= 0 || value.indexOf('\uFFFD') >= 0) {
            fault(name, "invalid", "must be percent-encoded UTF-8 without U+0000");
        } else {
            return value;
        }
        return null;
    }

    /** RFC 3339; a time before 1970 counts as 1970, since nothing here is older. */
    public @Nullable Instant instant(String name) {
        String text = text(name, 200);
        if (text == null) {
            return null;
        }
        try {
            Instant time = Times.parse(text);
            return time.isBefore(Instant.EPOCH) ? Instant.EPOCH : time;
        } catch (IllegalArgumentException e) {
            String hint = text.indexOf(' ') > 0 ? " (write + as %2B)" : "";
            fault(name, "invalid", e.getMessage() + hint);
            return null;
        }
    }

    /** A TypeID with this prefix, such as {@code sub}. */
    public @Nullable UUID id(String name, String prefix) {
        String text = text(name, 200);
        if (text == null) {
            return null;
        }
        try {
            return TypeId.parse(prefix, text);
        } catch (IllegalArgumentException e) {
            fault(name, "invalid", "must be an id that begins with " + prefix + "_");
            return null;
        }
    }

    /** The constant whose name in lower case, without separators, is the value. */
    public <E extends Enum<E>> @Nullable E word(String name, Class<E> type) {
        String text = text(name, 200);
        if (text == null) {
            return null;
        }
        List<String> words = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            String word = constant.name().replace("_", "").toLowerCase(Locale.ROOT);
            if (word.equals(text)) {
                return constant;
            }
            words.add(word);
        }
        fault(name, "invalid", "must be one of " + String.join(", ", words));
        return null;
    }

    public int integer(String name, int min, int max, int otherwise) {
        String text = text(name, 200);
        if (text == null) {
            return otherwise;
        }
        if (text.matches("[0-9]{1,9}")) {
            int number = Integer.parseInt(text);
            if (number >= min && number <= max) {
                return number;
            }
        }
        fault(name, "outofrange", "must be an integer from " + min + " to " + max);
        return otherwise;
    }

    /** {@code limit}: 1 to 500, 50 when absent. */
    public int limit() {
        return integer("limit", 1, MAX_LIMIT, DEFAULT_LIMIT);
    }

    /** {@code cursor}, which must belong to this list with these filters; a wrong one is thrown at once. */
    public @Nullable Cursor cursor() {
        String text = text("cursor", MAX_LENGTH);
        return text == null ? null : Cursor.decode(scope(), text);
    }

    /**
     * Ends the reading.
     *
     * @throws ProblemException 400 {@code unknownparameter} naming those that nobody asked for, or {@code invalid}
     */
    public void finish() {
        List<String> unknown = parameters.keySet().stream()
                .filter(name -> !asked.contains(name))
                .toList();
        if (!unknown.isEmpty()) {
            List<Fault> all = unknown.stream()
                    .limit(20)
                    .map(name -> new Fault("", "unknownparameter", "`" + shortened(name) + "` is not known here"))
                    .toList();
            throw Problem.of(
                            ProblemType.UNKNOWN_PARAMETER,
                            all.get(0).detail() + "; known are " + String.join(", ", asked))
                    .withErrors(all)
                    .exception();
        }
        if (!faults.isEmpty()) {
            throw Problem.ofFaults(faults).exception();
        }
    }

    /** What a cursor of this request is bound to: the list and every parameter but {@code limit} and {@code cursor}. */
    String scope() {
        StringBuilder scope = new StringBuilder(list);
        parameters.forEach((name, values) -> {
            if (!name.equals("limit") && !name.equals("cursor")) {
                values.forEach(value ->
                        scope.append('&').append(encode(name)).append('=').append(encode(value)));
            }
        });
        return scope.toString();
    }

    /** This request's query with that cursor, as a relative reference (RFC 3986 §4.2): {@code ?limit=10&cursor=…}. */
    String with(Cursor cursor) {
        StringBuilder query = new StringBuilder();
        parameters.forEach((name, values) -> {
            if (!name.equals("cursor")) {
                values.forEach(value -> query.append(encode(name))
                        .append('=')
                        .append(encode(value))
                        .append('&'));
            }
        });
        return "?" + query + "cursor=" + cursor.encode(scope());
    }

    private void fault(String name, String code, String detail) {
        faults.add(new Fault("", code, "`" + name + "` " + detail));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String shortened(String name) {
        return name.length() > 60 ? name.substring(0, 60) + "…" : name;
    }
}
