package dev.fanfare.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fanfare.platform.JsonObjectReader;
import dev.fanfare.platform.Problem;
import dev.fanfare.platform.ProblemException;
import dev.fanfare.platform.ProblemJson;
import dev.fanfare.platform.StrictJson;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * The body of a control-plane request: each of its members is read by each type, and what is refused is told in a 4xx whose
 * body is JSON in UTF-8.
 */
public final class JsonFuzz {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int MOST_MEMBERS = 50;

    private JsonFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        try {
            read(StrictJson.object("application/json", new ByteArrayInputStream(input)));
        } catch (ProblemException refused) {
            isInOrder(refused);
        }
    }

    private static void read(JsonObjectReader reader) {
        for (String name : reader.names().stream().limit(MOST_MEMBERS).toList()) {
            readByEveryType(reader, name);
            JsonObjectReader inner = reader.object(name);
            if (inner != null) {
                inner.names().stream().limit(MOST_MEMBERS).forEach(each -> readByEveryType(inner, each));
            }
        }
        reader.finish();
    }

    private static void readByEveryType(JsonObjectReader reader, String name) {
        reader.text(name, 100);
        reader.flag(name);
        Integer integer = reader.integer(name, -10, 10);
        Check.that(integer == null || (integer >= -10 && integer <= 10), "an integer is within its bounds");
        Double number = reader.number(name, 0, 1);
        Check.that(number == null || (number >= 0 && number <= 1), "a number is within its bounds");
        Duration wait = reader.duration(name, Duration.ZERO, Duration.ofDays(7));
        Check.that(wait == null || (!wait.isNegative() && wait.toDays() <= 7), "a duration is within its bounds");
        reader.word(name, List.of("a", "b"));
        reader.each(name, 10, element -> element.duration(Duration.ZERO, Duration.ofDays(7)));
        reader.require(name);
        reader.ignore("known");
    }

    /** Not of a Problem: the fuzzer's instrumentation breaks that record when it is loaded with this class. */
    private static void isInOrder(ProblemException refused) {
        Problem problem = refused.problem();
        Check.that(problem.type().status >= 400 && problem.type().status < 500, "it is the client's fault");
        byte[] body = ProblemJson.write(problem, "request").getBytes(UTF_8);
        try {
            JsonNode read = MAPPER.readTree(body);
            Check.that(read.get("errors") == null || read.get("errors").size() <= 100, "the number of faults");
            Check.that(ProblemJson.write(problem, "request").equals(new String(body, UTF_8)), "it is UTF-8");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
