package dev.fanfare.subscription;

import dev.fanfare.platform.ProblemException;
import dev.fanfare.platform.ProblemType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The precondition of a change (RFC 9110 §13.1.1): absent, {@code *}, or entity tags of which one must be current. */
record IfMatch(@Nullable String header) {
    /** @throws ProblemException 412 {@code stale}; weak tags never match */
    void check(String currentEtag) {
        if (header == null || header.strip().equals("*")) {
            return;
        }
        if (Arrays.stream(header.split(",", -1)).map(String::strip).noneMatch(currentEtag::equals)) {
            throw new ProblemException(ProblemType.STALE, "The current ETag is " + currentEtag);
        }
    }
}
