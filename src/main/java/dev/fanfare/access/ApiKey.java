package dev.fanfare.access;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.zip.CRC32;

/**
 * The text of an API key: {@code ff_<role>_}, 32 random bytes as 43 characters of base62, and the CRC-32 of all before it
 * as 6 more, by which scanners for leaked secrets tell a key from a look-alike.
 */
final class ApiKey {
    private static final String BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int RANDOM_BYTES = 32;
    private static final int RANDOM_DIGITS = 43;
    private static final int CHECKSUM_DIGITS = 6;
    private static final SecureRandom RANDOM = new SecureRandom();

    private ApiKey() {}

    static String generate(String role) {
        byte[] random = new byte[RANDOM_BYTES];
        RANDOM.nextBytes(random);
        String key = "ff_" + role + "_" + base62(new BigInteger(1, random), RANDOM_DIGITS);
        return key + checksum(key);
    }

    static String checksum(String key) {
        CRC32 crc = new CRC32();
        crc.update(key.getBytes(StandardCharsets.US_ASCII));
        return base62(BigInteger.valueOf(crc.getValue()), CHECKSUM_DIGITS);
    }

    private static String base62(BigInteger number, int digits) {
        BigInteger base = BigInteger.valueOf(BASE62.length());
        char[] text = new char[digits];
        for (int i = digits - 1; i >= 0; i--) {
            BigInteger[] parts = number.divideAndRemainder(base);
            text[i] = BASE62.charAt(parts[1].intValue());
            number = parts[0];
        }
        return new String(text);
    }

    /** What is stored and compared. */
    static byte[] hash(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The same, as a map's key. */
    static String hex(byte[] hash) {
        return HexFormat.of().formatHex(hash);
    }
}
