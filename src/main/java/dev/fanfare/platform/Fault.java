package dev.fanfare.platform;

/**
 * One thing that is wrong with a request.
 *
 * @param pointer JSON pointer (RFC 6901) of the member; "" is the whole body, or a query parameter named in the detail
 * @param code a word of the table "Faults" in docs/errors.md
 * @param detail one sentence for a person: what was expected there
 */
public record Fault(String pointer, String code, String detail) {}
