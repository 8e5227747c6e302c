package dev.fanfare.signing;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A symmetric signing secret of one subscription: 24 to 64 random bytes (Standard Webhooks, "Signature scheme"),
 * written {@code whsec_} + base64. Immutable; equality takes the same time wherever two secrets differ.
 */
public final class WebhookSecret {
    private static final String PREFIX = "whsec_";
    private static final int MIN_BYTES = 24;
    private static final int MAX_BYTES = 64;
    private static final int GENERATED_BYTES = 32;
    private static final int MAX_TEXT = PREFIX.length() + (MAX_BYTES + 2) / 3 * 4;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final byte[] bytes;
    private final SecretKeySpec key;

    private WebhookSecret(byte[] bytes) {
        this.bytes = bytes;
        this.key = new SecretKeySpec(bytes, Signatures.ALGORITHM);
    }

    /** Makes a secret of 32 random bytes. */
    public static WebhookSecret generate() {
        byte[] bytes = new byte[GENERATED_BYTES];
        RANDOM.nextBytes(bytes);
        return new WebhookSecret(bytes);
    }

    /**
     * Reads a secret. Base64 is that of RFC 4648 §4, padded: the decoders of many receivers accept nothing else.
     *
     * @throws IllegalArgumentException no {@code whsec_}, not base64, or not 24 to 64 bytes; the message may be shown
     *     to clients and holds nothing of the secret
     */
    public static WebhookSecret parse(String whsec) {
        if (!whsec.startsWith(PREFIX)) {
            throw new IllegalArgumentException("a secret is whsec_ followed by base64");
        }
        if (whsec.length() > MAX_TEXT) {
            throw wrongLength();
        }
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(whsec.substring(PREFIX.length()));
        } catch (IllegalArgumentException e) {
            // The decoder's message quotes a character of the secret: not kept, not even as a cause.
            throw notBase64();
        }
        if (bytes.length < MIN_BYTES || bytes.length > MAX_BYTES) {
            throw wrongLength();
        }
        WebhookSecret secret = new WebhookSecret(bytes);
        if (!secret.text().equals(whsec)) {
            throw notBase64();
        }
        return secret;
    }

    /** The secret itself, {@code whsec_} + padded base64: for storage and for the one answer that shows it. */
    public String text() {
        return PREFIX + Base64.getEncoder().encodeToString(bytes);
    }

    SecretKeySpec key() {
        return key;
    }

    private static IllegalArgumentException notBase64() {
        return new IllegalArgumentException("what follows whsec_ is not padded base64");
    }

    private static IllegalArgumentException wrongLength() {
        return new IllegalArgumentException("a secret has " + MIN_BYTES + " to " + MAX_BYTES + " bytes before base64");
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof WebhookSecret secret && MessageDigest.isEqual(bytes, secret.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return PREFIX + "(redacted)";
    }
}
