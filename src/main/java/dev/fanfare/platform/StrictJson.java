package dev.fanfare.platform;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a control-plane request, and nothing that two readers could understand differently: strict UTF-8
 * without BOM, no duplicate members, nothing after the value, bounded in size and depth.
 */
public final class StrictJson {
    /** Bytes of a control-plane body. */
    public static final int MAX_BYTES = 256 * 1024;
    /** Objects and arrays within each other. */
    public static final int MAX_DEPTH = 64;

    private static final Pattern JSON_TYPE =
            Pattern.compile("application/(?:[!#$&^_.+a-z0-9-]+\\+)?json[ \\t]*(?:;[ \\t]*charset=\"?utf-8\"?[ \\t]*)?");
    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(100)
                    .maxNameLength(1_000)
                    .build())
            .build());

    private StrictJson() {}

    /**
     * Reads a body that must be a JSON object.
     *
     * @param contentType the request's Content-Type; null when it has none
     * @throws ProblemException 415 when it is not declared as JSON, 413 over {@link #MAX_BYTES}, 400 otherwise
     */
    public static JsonObjectReader object(@Nullable String contentType, InputStream body) {
        requireJson(contentType);
        ObjectNode root = parseObject(bounded(body));
        return JsonObjectReader.of(root);
    }

    /** As {@link #object}; a body of no bytes, of any content type, is an object without members. */
    public static JsonObjectReader optionalObject(@Nullable String contentType, InputStream body) {
        byte[] bytes = bounded(body);
        if (bytes.length == 0) {
            return JsonObjectReader.of(MAPPER.createObjectNode());
        }
        requireJson(contentType);
        return JsonObjectReader.of(parseObject(bytes));
    }

    static ObjectNode parseObject(byte[] bytes) {
        JsonNode root = parse(utf8(bytes));
        if (!(root instanceof ObjectNode object)) {
            throw malformed("", "The body must be a JSON object");
        }
        List<Fault> faults = new ArrayList<>();
        findUnstorable(object, "", faults);
        if (!faults.isEmpty()) {
            throw Problem.ofFaults(faults).exception();
        }
        return object;
    }

    private static void requireJson(@Nullable String contentType) {
        if (contentType == null
                || contentType.length() > 200
                || !JSON_TYPE
                        .matcher(contentType.toLowerCase(Locale.ROOT).strip())
                        .matches()) {
            throw new ProblemException(
                    ProblemType.UNSUPPORTED_MEDIA_TYPE, "Content-Type must be application/json, in UTF-8");
        }
    }

    private static byte[] bounded(InputStream body) {
        try {
            byte[] bytes = body.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new ProblemException(
                        ProblemType.TOO_LARGE, "The body may have at most " + MAX_BYTES / 1024 + " KiB");
            }
            return bytes;
        } catch (IOException e) {
            throw malformed("", "The body ended before it was complete");
        }
    }

    private static String utf8(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            if (text.startsWith("\uFEFF")) {
                throw malformed("", "The body begins with a byte order mark");
            }
            return text;
        } catch (CharacterCodingException e) {
            throw malformed("", "The body is not UTF-8");
        }
    }

    private static JsonNode parse(String text) {
        try (JsonParser parser = MAPPER.createParser(text)) {
            try {
                JsonNode root = MAPPER.readTree(parser);
                if (root == null || root.isMissingNode()) {
                    throw malformed("", "The body is empty");
                }
                if (parser.nextToken() != null) {
                    throw malformed("", "The body goes on after its JSON value");
                }
                return root;
            } catch (JsonProcessingException e) {
                String pointer = parser.getParsingContext().pathAsPointer().toString();
                throw malformed(storable(pointer) ? pointer : "", reason(e));
            }
        } catch (IOException e) {
            throw malformed("", "The body is not JSON");
        }
    }

    private static String reason(JsonProcessingException e) {
        String message = String.valueOf(e.getOriginalMessage());
        if (message.startsWith("Duplicate field")) {
            return "The member is there twice";
        }
        if (message.contains("nesting depth")) {
            return "The body is nested deeper than " + MAX_DEPTH + " levels";
        }
        var location = e.getLocation();
        return location == null
                ? "The body is not JSON"
                : "The body is not JSON at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    /** Text that neither Postgres nor UTF-8 can hold: U+0000 and lone surrogates, which JSON can write as escapes. */
    private static void findUnstorable(JsonNode node, String pointer, List<Fault> faults) {
        if (node.isTextual() && !storable(node.textValue())) {
            faults.add(new Fault(pointer, "invalid", "must not contain U+0000 or half of a surrogate pair"));
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                findUnstorable(node.get(i), pointer + "/" + i, faults);
            }
        } else if (node.isObject()) {
            node.properties().forEach(member -> {
                if (storable(member.getKey())) {
                    findUnstorable(member.getValue(), pointer + JsonObjectReader.step(member.getKey()), faults);
                } else {
                    faults.add(new Fault(pointer, "invalid", "has a member whose name cannot be stored"));
                }
            });
        }
    }

    private static boolean storable(String text) {
        return text.indexOf(0) < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    private static ProblemException malformed(String pointer, String detail) {
        return Problem.of(ProblemType.MALFORMED, detail)
                .withErrors(List.of(new Fault(pointer, "malformed", detail)))
                .exception();
    }
}
