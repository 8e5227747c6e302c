package dev.fanfare.platform;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.UUID;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts stored secrets with AES-256-GCM (NIST SP 800-38D): a random nonce of 96 bits before ciphertext and tag, the
 * row's id as associated data, so that a ciphertext copied into another row does not open.
 */
@Singleton
public final class SecretBox {
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final SecureRandom RANDOM = new SecureRandom();

    private volatile @Nullable Key key;

    private record Key(String id, SecretKeySpec secret) {}

    /**
     * An encrypted secret, as its row keeps it.
     *
     * @param keyId names the key, the first 8 hex digits of its SHA-256
     * @param ciphertext nonce, ciphertext and tag
     */
    @SuppressWarnings("ArrayRecordComponent") // goes to a bytea column and comes from it, is never compared
    public record Sealed(String keyId, byte[] ciphertext) {}

    /** Closed until {@link Database} has compared the key with the database's. */
    @Inject
    SecretBox() {}

    /** Open from the start, with a key of 32 bytes. */
    public SecretBox(byte[] key) {
        unlock(key);
    }

    void unlock(byte[] bytes) {
        if (bytes.length != KEY_BYTES) {
            throw new IllegalArgumentException("The key has " + bytes.length + " bytes, not " + KEY_BYTES);
        }
        key = new Key(keyId(bytes), new SecretKeySpec(bytes, "AES"));
    }

    static byte[] newKey() {
        byte[] bytes = new byte[KEY_BYTES];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    static String keyId(byte[] key) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key), 0, 4);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public Sealed seal(UUID rowId, byte[] plain) {
        Key current = key();
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, current, nonce, rowId);
            byte[] sealed = new byte[NONCE_BYTES + cipher.getOutputSize(plain.length)];
            System.arraycopy(nonce, 0, sealed, 0, NONCE_BYTES);
            cipher.doFinal(plain, 0, plain.length, sealed, NONCE_BYTES);
            return new Sealed(current.id(), sealed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Decrypts what {@link #seal} made for the same row.
     *
     * @throws IllegalStateException when it was sealed with another key, for another row, or has been changed
     */
    public byte[] open(UUID rowId, Sealed sealed) {
        Key current = key();
        if (!current.id().equals(sealed.keyId())) {
            throw new IllegalStateException("Row " + rowId + " is encrypted with key " + sealed.keyId()
                    + ", this process has key " + current.id());
        }
        if (sealed.ciphertext().length < NONCE_BYTES + TAG_BITS / 8) {
            throw new IllegalStateException("The ciphertext of row " + rowId + " is too short to be one");
        }
        byte[] nonce = new byte[NONCE_BYTES];
        System.arraycopy(sealed.ciphertext(), 0, nonce, 0, NONCE_BYTES);
        try {
            return cipher(Cipher.DECRYPT_MODE, current, nonce, rowId)
                    .doFinal(sealed.ciphertext(), NONCE_BYTES, sealed.ciphertext().length - NONCE_BYTES);
        } catch (AEADBadTagException e) {
            throw new IllegalStateException("The ciphertext of row " + rowId + " was changed or belongs elsewhere", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Key key() {
        Key current = key;
        if (current == null) {
            throw new IllegalStateException("The encryption key is not known before the database is ready");
        }
        return current;
    }

    private static Cipher cipher(int mode, Key key, byte[] nonce, UUID rowId) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key.secret(), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(ByteBuffer.allocate(16)
                .putLong(rowId.getMostSignificantBits())
                .putLong(rowId.getLeastSignificantBits())
                .flip());
        return cipher;
    }
}
