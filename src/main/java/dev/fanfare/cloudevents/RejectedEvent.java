package dev.fanfare.cloudevents;

import java.util.List;

/** A message that is not taken, with what is wrong where; carries no stack trace, because senders cause it. */
public final class RejectedEvent extends Exception {
    /** Decides the HTTP status: 400, 415, 415 with {@code Accept-Encoding}, 413. */
    public enum Kind {
        MALFORMED,
        UNSUPPORTED_MEDIA_TYPE,
        UNSUPPORTED_ENCODING,
        TOO_LARGE
    }

    /**
     * One thing that is wrong.
     *
     * @param pointer JSON pointer (RFC 6901) of the attribute in the message, {@code ""} for the whole; in a batch it
     *     begins with the index; in binary mode it names the attribute as if it were a JSON member
     * @param code one lower-case word of a closed list
     * @param detail a sentence for a person; never quotes the body, except names of at most 32 characters
     */
    public record Fault(String pointer, String code, String detail) {}

    private final Kind kind;
    private final transient List<Fault> faults;

    RejectedEvent(Kind kind, List<Fault> faults) {
        super(kind + " " + faults, null, false, false);
        this.kind = kind;
        this.faults = List.copyOf(faults);
    }

    public Kind kind() {
        return kind;
    }

    /** At least one and at most {@value Faults#MOST}, in the order of the message. */
    public List<Fault> faults() {
        return faults;
    }
}
