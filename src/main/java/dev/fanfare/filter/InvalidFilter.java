package dev.fanfare.filter;

import java.util.List;

/** The {@code filters} of a subscription cannot be accepted; says everything that is wrong with them. */
public final class InvalidFilter extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Fault> faults;

    /**
     * One thing that is wrong.
     *
     * @param pointer JSON pointer of the member (RFC 6901)
     * @param code {@code wrongtype}, {@code unknownmember}, {@code notyet}, {@code toolong}, {@code toomany} (also: too
     *     deep) or {@code invalid}
     * @param detail what was expected, for people
     */
    public record Fault(String pointer, String code, String detail) {}

    InvalidFilter(List<Fault> faults) {
        super(faults.get(0).pointer() + ": " + faults.get(0).detail());
        this.faults = List.copyOf(faults);
    }

    /** At least one and about 20 at most, in the order of the document. */
    public List<Fault> faults() {
        return faults;
    }
}
