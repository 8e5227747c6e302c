package dev.fanfare.platform;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.UUID;

/**
 * Where a page of a list begins. To clients it is an opaque word, bound by a digest to the list and filters it was made
 * for. It is no credential: every query is bound to the caller's tenant all the same.
 *
 * @param newer false: the page of what is older than {@code position} ({@code rel="next"}), true: of what is newer
 * @param position id of the last row that was shown or looked at; not part of the page
 */
public record Cursor(boolean newer, UUID position) {
    private static final int DIGEST = 8;
    private static final int BYTES = 1 + 16 + DIGEST;

    public static Cursor olderThan(UUID position) {
        return new Cursor(false, position);
    }

    public static Cursor newerThan(UUID position) {
        return new Cursor(true, position);
    }

    /** The word that clients get; {@code scope} is the list and its filters, see {@link QueryParameters#scope}. */
    public String encode(String scope) {
        byte[] position = bytes();
        byte[] all = Arrays.copyOf(position, BYTES);
        System.arraycopy(digest(scope, position), 0, all, position.length, DIGEST);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(all);
    }

    /**
     * Reads what {@link #encode} made.
     *
     * @throws ProblemException 400 {@code badcursor} when it was not made for the same scope, or was changed
     */
    public static Cursor decode(String scope, String text) {
        try {
            byte[] all = Base64.getUrlDecoder().decode(text.length() > 64 ? "" : text);
            if (all.length == BYTES && all[0] >= 0 && all[0] <= 1) {
                ByteBuffer position = ByteBuffer.wrap(all, 1, 16);
                Cursor cursor = new Cursor(all[0] == 1, new UUID(position.getLong(), position.getLong()));
                if (cursor.encode(scope).equals(text)) {
                    return cursor;
                }
            }
        } catch (IllegalArgumentException e) {
            // not base64: refused as any other
        }
        throw new ProblemException(
                ProblemType.BAD_CURSOR,
                "The cursor was not made for this list with these filters; take it from the Link header as it is");
    }

    private byte[] bytes() {
        return ByteBuffer.allocate(1 + 16)
                .put((byte) (newer ? 1 : 0))
                .putLong(position.getMostSignificantBits())
                .putLong(position.getLeastSignificantBits())
                .array();
    }

    private static byte[] digest(String scope, byte[] position) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(position);
            return sha256.digest(scope.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
