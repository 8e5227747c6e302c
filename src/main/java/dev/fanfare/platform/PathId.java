package dev.fanfare.platform;

import java.util.Locale;
import java.util.UUID;

/** The ids that stand in paths. What cannot be one is answered like what is not there: 404. */
public enum PathId {
    EVENT("evt"),
    DELIVERY("dlv"),
    SUBSCRIPTION("sub"),
    REPLAY("rpl");

    private final String prefix;

    PathId(String prefix) {
        this.prefix = prefix;
    }

    /**
     * Reads the id.
     *
     * @throws ProblemException 404 that says what such an id looks like
     */
    public UUID parse(String text) {
        try {
            return TypeId.parse(prefix, text);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(ProblemType.NOT_FOUND, notThere() + ": " + e.getMessage());
        }
    }

    /** 404 for an id of nothing, or of another tenant's. */
    public ProblemException unknown() {
        return new ProblemException(ProblemType.NOT_FOUND, notThere());
    }

    private String notThere() {
        return "There is no such " + name().toLowerCase(Locale.ROOT);
    }
}
