package dev.fanfare.platform;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** Writes the body of every refusal, for REST resources and raw routes alike (RFC 9457 §3). */
public final class ProblemJson {
    public static final String MEDIA_TYPE = "application/problem+json";

    private static final JsonFactory JSON = new JsonFactory();

    private ProblemJson() {}

    /** {@code {"type","title","status","detail","code","requestid","errors":[{"pointer","code","detail"}]}}. */
    public static String write(Problem problem, String requestId) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            ProblemType type = problem.type();
            json.writeStartObject();
            json.writeStringField("type", "urn:problem-type:fanfare:" + type.code);
            json.writeStringField("title", type.title);
            json.writeNumberField("status", type.status);
            if (problem.detail() != null) {
                json.writeStringField("detail", problem.detail());
            }
            json.writeStringField("code", type.code);
            json.writeStringField("requestid", requestId);
            if (!problem.errors().isEmpty()) {
                json.writeArrayFieldStart("errors");
                for (Fault fault : problem.errors()) {
                    json.writeStartObject();
                    json.writeStringField("pointer", fault.pointer());
                    json.writeStringField("code", fault.code());
                    json.writeStringField("detail", fault.detail());
                    json.writeEndObject();
                }
                json.writeEndArray();
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
