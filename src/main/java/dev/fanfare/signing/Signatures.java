package dev.fanfare.signing;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;

/** The value of {@code webhook-signature}: Standard Webhooks, symmetric scheme {@code v1}. */
public final class Signatures {
    static final String ALGORITHM = "HmacSHA256";

    private static final String VERSION = "v1,";
    private static final int ENTRY_LENGTH = VERSION.length() + 44; // 32 bytes are 44 characters of base64

    /** Looking a Mac up costs more than signing a small body; one per thread is never shared. */
    private static final ThreadLocal<Mac> MAC = ThreadLocal.withInitial(Signatures::newMac);

    private Signatures() {}

    /**
     * Signs {@code webhookId.unixSeconds.body} once with each secret. During a rotation a receiver that knows any one
     * of the secrets finds its entry.
     *
     * @param secrets at least one; the entries stand in this order
     * @param webhookId ASCII without a dot, which would let the signed parts be cut elsewhere
     * @param unixSeconds the time of this attempt, as {@code webhook-timestamp} says it
     * @param body the bytes that are sent; neither copied nor changed
     * @return entries {@code v1,<base64>} separated by one space
     * @throws IllegalArgumentException no secret, or a dot in the id
     */
    public static String sign(List<WebhookSecret> secrets, String webhookId, long unixSeconds, byte[] body) {
        if (secrets.isEmpty()) {
            throw new IllegalArgumentException("at least one secret is needed to sign");
        }
        if (webhookId.isEmpty() || webhookId.indexOf('.') >= 0) {
            throw new IllegalArgumentException("a webhook-id is not empty and has no dot");
        }
        byte[] head = (webhookId + '.' + unixSeconds + '.').getBytes(StandardCharsets.US_ASCII);
        Mac mac = MAC.get();
        StringBuilder header = new StringBuilder(secrets.size() * (ENTRY_LENGTH + 1));
        for (WebhookSecret secret : secrets) {
            if (!header.isEmpty()) {
                header.append(' ');
            }
            header.append(VERSION).append(Base64.getEncoder().encodeToString(hmac(mac, secret, head, body)));
        }
        return header.toString();
    }

    private static byte[] hmac(Mac mac, WebhookSecret secret, byte[] head, byte[] body) {
        try {
            mac.init(secret.key()); // also forgets what an earlier call may have left behind
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("HMAC takes keys of any length", e);
        }
        mac.update(head);
        return mac.doFinal(body);
    }

    private static Mac newMac() {
        try {
            return Mac.getInstance(ALGORITHM);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }
}
