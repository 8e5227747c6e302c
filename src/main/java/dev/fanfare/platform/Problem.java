package dev.fanfare.platform;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Why a request is refused (RFC 9457), with the response headers that go with it.
 *
 * @param detail one sentence for a person; null when the title says it all
 * @param errors what is wrong, in the order found; may be empty
 * @param headers response headers, such as {@code Retry-After}
 */
public record Problem(ProblemType type, @Nullable String detail, List<Fault> errors, Map<String, String> headers) {

    public Problem {
        errors = List.copyOf(errors);
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    }

    public static Problem of(ProblemType type, @Nullable String detail) {
        return new Problem(type, detail, List.of(), Map.of());
    }

    /** {@code unknownmember} when unknown members are all that is wrong, else {@code invalid}. */
    public static Problem ofFaults(List<Fault> faults) {
        boolean onlyUnknown = faults.stream().allMatch(fault -> fault.code().equals("unknownmember"));
        return of(onlyUnknown ? ProblemType.UNKNOWN_MEMBER : ProblemType.INVALID, summary(faults))
                .withErrors(faults);
    }

    /** 503 with Retry-After in whole seconds, at least 1. */
    public static Problem unavailable(String detail, Duration retryAfter) {
        return of(ProblemType.UNAVAILABLE, detail)
                .withHeader("Retry-After", Long.toString(Math.max(1, retryAfter.toSeconds())));
    }

    public Problem withErrors(List<Fault> faults) {
        return new Problem(type, detail, faults, headers);
    }

    public Problem withHeader(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Problem(type, detail, errors, more);
    }

    public ProblemException exception() {
        return new ProblemException(this);
    }

    private static String summary(List<Fault> faults) {
        Fault first = faults.get(0);
        String where = first.pointer().isEmpty() ? "" : first.pointer() + ": ";
        String more = faults.size() == 1 ? "" : " (and " + (faults.size() - 1) + " more, see errors)";
        return where + first.detail() + more;
    }
}
