package dev.fanfare.filter;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.filter.InvalidFilter.Fault;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@code filters} of a subscription (CloudEvents Subscriptions API §3.2.4).
 *
 * <p>Limits: {@value #MAX_DEPTH} dialects within each other; {@value #MAX_NODES} nodes, where each {@code all},
 * {@code any}, {@code not} is one and each attribute of {@code exact}, {@code prefix}, {@code suffix} is one;
 * {@value #MAX_LENGTH} characters per name and value.
 */
public final class Filters {
    static final int MAX_DEPTH = 16;
    static final int MAX_NODES = 256;
    static final int MAX_LENGTH = 4096;
    static final int MAX_FAULTS = 20;

    private static final Pattern NAME = Pattern.compile("[a-z0-9]+");
    private static final Filter EVERYTHING = new Filter.All(List.of());

    private final List<Fault> faults = new ArrayList<>();
    private int nodes;

    private Filters() {}

    /**
     * Reads an array of filters, all of which must match.
     *
     * @param filters the member's value; absent ({@code null}) or an empty array means every event
     * @param pointer where it stands in the client's document, such as {@code /filters}
     * @throws InvalidFilter with the faults found; reading ends early at the limit of nodes, or after 20 faults
     */
    public static Filter parse(@Nullable JsonNode filters, String pointer) throws InvalidFilter {
        if (filters == null || filters.isMissingNode()) {
            return EVERYTHING;
        }
        Filters reader = new Filters();
        Filter filter = EVERYTHING;
        if (filters.isArray()) {
            filter = all(reader.each(filters, pointer, 1));
        } else {
            reader.fault(pointer, "wrongtype", "an array of filters is expected");
        }
        if (!reader.faults.isEmpty()) {
            throw new InvalidFilter(reader.faults);
        }
        return filter;
    }

    private List<Filter> each(JsonNode array, String pointer, int depth) {
        List<Filter> filters = new ArrayList<>();
        for (int i = 0; i < array.size() && goesOn(); i++) {
            filters.add(expression(array.get(i), pointer + '/' + i, depth));
        }
        return filters;
    }

    /** Reads {@code {"dialect": ...}}. After a fault any filter will do, since none is handed out. */
    private Filter expression(JsonNode node, String pointer, int depth) {
        if (!node.isObject()) {
            return fault(pointer, "wrongtype", "an object with one dialect is expected");
        }
        if (node.isEmpty()) {
            return fault(pointer, "invalid", "a filter names one dialect: exact, prefix, suffix, all, any or not");
        }
        if (node.size() > 1) {
            return fault(pointer, "invalid", "a filter names one dialect only; combine several with all or any");
        }
        if (depth > MAX_DEPTH) {
            return fault(pointer, "toomany", "filters may be " + MAX_DEPTH + " deep");
        }
        Map.Entry<String, JsonNode> member = node.properties().iterator().next();
        JsonNode value = member.getValue();
        String at = pointer + '/' + escaped(member.getKey());
        return switch (member.getKey()) {
            case "exact" -> attributes(value, at, Filter.Exact::new);
            case "prefix" -> attributes(value, at, Filter.Prefix::new);
            case "suffix" -> attributes(value, at, Filter.Suffix::new);
            case "all" -> all(several(value, at, depth));
            case "any" -> new Filter.Any(several(value, at, depth));
            case "not" -> not(value, at, depth);
            case "sql" -> fault(at, "notyet", "the dialect sql comes later");
            default -> fault(at, "unknownmember", "the dialects are exact, prefix, suffix, all, any and not");
        };
    }

    private interface Comparison {
        Filter of(String attribute, String value);
    }

    private Filter attributes(JsonNode value, String pointer, Comparison comparison) {
        if (!value.isObject()) {
            return fault(pointer, "wrongtype", "an object of attribute names and strings is expected");
        }
        if (value.isEmpty()) {
            return fault(pointer, "invalid", "at least one attribute is expected");
        }
        List<Filter> comparisons = new ArrayList<>();
        Iterator<Map.Entry<String, JsonNode>> members = value.properties().iterator();
        while (members.hasNext() && goesOn()) {
            Map.Entry<String, JsonNode> member = members.next();
            String at = pointer + '/' + escaped(member.getKey());
            count(at);
            if (validName(member.getKey(), at) && validValue(member.getValue(), at)) {
                comparisons.add(comparison.of(member.getKey(), member.getValue().textValue()));
            }
        }
        return all(comparisons);
    }

    private boolean validName(String name, String pointer) {
        if (name.length() > MAX_LENGTH) {
            fault(pointer, "toolong", "an attribute's name may have " + MAX_LENGTH + " characters");
        } else if (!NAME.matcher(name).matches()) {
            fault(pointer, "invalid", "an attribute's name consists of a-z and 0-9");
        } else if (name.equals("data")) {
            fault(pointer, "invalid", "data is not an attribute and cannot be filtered on");
        } else {
            return true;
        }
        return false;
    }

    private boolean validValue(JsonNode value, String pointer) {
        if (!value.isTextual()) {
            fault(pointer, "wrongtype", "a string is expected; booleans and integers in their canonical form");
        } else if (value.textValue().isEmpty()) {
            fault(pointer, "invalid", "a string that is not empty is expected");
        } else if (value.textValue().length() > MAX_LENGTH) {
            fault(pointer, "toolong", "a value may have " + MAX_LENGTH + " characters");
        } else {
            return true;
        }
        return false;
    }

    private List<Filter> several(JsonNode value, String pointer, int depth) {
        count(pointer);
        if (!value.isArray()) {
            fault(pointer, "wrongtype", "an array of filters is expected");
        } else if (value.isEmpty()) {
            fault(pointer, "invalid", "at least one filter is expected");
        } else {
            return each(value, pointer, depth + 1);
        }
        return List.of();
    }

    private Filter not(JsonNode value, String pointer, int depth) {
        count(pointer);
        return goesOn() ? new Filter.Not(expression(value, pointer, depth + 1)) : EVERYTHING;
    }

    private static Filter all(List<Filter> filters) {
        return filters.size() == 1 ? filters.get(0) : new Filter.All(filters);
    }

    private void count(String pointer) {
        nodes++;
        if (nodes == MAX_NODES + 1) {
            fault(pointer, "toomany", "filters may have " + MAX_NODES + " attributes, alls, anys and nots together");
        }
    }

    private boolean goesOn() {
        return nodes <= MAX_NODES && faults.size() < MAX_FAULTS;
    }

    private Filter fault(String pointer, String code, String detail) {
        faults.add(new Fault(pointer, code, detail));
        return EVERYTHING;
    }

    /** RFC 6901 §3. */
    private static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }
}
