package dev.fanfare.cloudevents;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;

/** Jackson parsers by RFC 8259 alone, for bytes that passed {@link Utf8#isValidForJson}. */
final class StrictJson {
    private final JsonFactory factory;
    private final int depth;

    /**
     * @param depth most arrays and objects within each other
     * @param bytes most bytes of a document; no part of one has a smaller limit
     */
    StrictJson(int depth, int bytes) {
        this.depth = depth;
        this.factory = JsonFactory.builder()
                // Names are chosen by senders: they do not belong into the JVM's table of strings.
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(depth)
                        .maxNumberLength(bytes)
                        .maxStringLength(bytes)
                        .maxNameLength(bytes)
                        .build())
                .build();
    }

    JsonParser parser(byte[] utf8) throws IOException {
        return factory.createParser(utf8);
    }

    /** Which flaw a failure of one of these parsers stands for. */
    Flaw flawOf(JsonParser json) {
        return json.getParsingContext().getNestingDepth() > depth ? Flaw.DEPTH : Flaw.MALFORMED;
    }

    /** Whether the bytes are exactly one JSON value, not nested too deep. */
    boolean isValue(byte[] bytes) {
        if (!Utf8.isValidForJson(bytes)) {
            return false;
        }
        try (JsonParser json = parser(bytes)) {
            if (json.nextToken() == null) {
                return false;
            }
            json.skipChildren();
            json.finishToken();
            return json.nextToken() == null;
        } catch (IOException e) {
            return false;
        }
    }
}
