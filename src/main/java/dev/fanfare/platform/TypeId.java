package dev.fanfare.platform;

import java.util.Arrays;
import java.util.UUID;

/**
 * Ids as clients see them: a prefix that names the kind, {@code _}, and the UUID as 26 characters of Crockford's base32
 * in lower case, such as {@code evt_01h455vb4pex5vsknk084sn02q}. TypeID specification 0.3.
 */
public final class TypeId {
    private static final char[] ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz".toCharArray();
    private static final byte[] VALUES = values();
    private static final int SUFFIX_LENGTH = 26;
    private static final char HIGHEST_FIRST = '7'; // 26 characters hold 130 bits, a UUID has 128

    private TypeId() {}

    /** Writes an id; {@code prefix} is one of the fixed kinds and is not checked. */
    public static String format(String prefix, UUID id) {
        int start = prefix.length() + 1;
        char[] text = new char[start + SUFFIX_LENGTH];
        prefix.getChars(0, prefix.length(), text, 0);
        text[start - 1] = '_';
        long high = id.getMostSignificantBits();
        long low = id.getLeastSignificantBits();
        for (int i = text.length - 1; i >= start; i--) {
            text[i] = ALPHABET[(int) (low & 31)];
            low = low >>> 5 | high << 59;
            high >>>= 5;
        }
        return new String(text);
    }

    /**
     * Reads an id of the kind {@code prefix}. Each id has exactly one text: upper case and Crockford's look-alikes
     * (i, l, o, u) are refused.
     *
     * @throws IllegalArgumentException another prefix, another length than prefix + 27, a character outside the
     *     alphabet, or more than 128 bits; the message may be shown to clients and does not repeat the text
     */
    public static UUID parse(String prefix, String text) {
        int start = prefix.length() + 1;
        if (!text.startsWith(prefix) || text.length() < start || text.charAt(start - 1) != '_') {
            throw new IllegalArgumentException("an id that starts with " + prefix + "_ is expected");
        }
        if (text.length() != start + SUFFIX_LENGTH) {
            throw new IllegalArgumentException(
                    "an id has " + SUFFIX_LENGTH + " characters after " + prefix + "_, not " + (text.length() - start));
        }
        if (text.charAt(start) > HIGHEST_FIRST) {
            throw new IllegalArgumentException("the first character after " + prefix + "_ is 0 to 7");
        }
        long high = 0;
        long low = 0;
        for (int i = start; i < text.length(); i++) {
            char c = text.charAt(i);
            int value = c < VALUES.length ? VALUES[c] : -1;
            if (value < 0) {
                throw new IllegalArgumentException(
                        "after " + prefix + "_ only 0-9 and a-z without i, l, o, u may stand");
            }
            high = high << 5 | low >>> 59;
            low = low << 5 | value;
        }
        return new UUID(high, low);
    }

    private static byte[] values() {
        byte[] values = new byte[128];
        Arrays.fill(values, (byte) -1);
        for (int i = 0; i < ALPHABET.length; i++) {
            values[ALPHABET[i]] = (byte) i;
        }
        return values;
    }
}
