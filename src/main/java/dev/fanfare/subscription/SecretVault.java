package dev.fanfare.subscription;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fanfare.platform.JsonObjectReader;
import dev.fanfare.platform.SecretBox;
import dev.fanfare.platform.SecretBox.Sealed;
import dev.fanfare.signing.WebhookSecret;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What of a subscription is encrypted, and how it becomes bytes. */
@Singleton
final class SecretVault {
    private final SecretBox box;

    SecretVault(SecretBox box) {
        this.box = box;
    }

    /** Null removes it. */
    void keepCredential(SubscriptionEntity row, @Nullable ObjectNode credential) {
        Sealed sealed = credential == null
                ? null
                : box.seal(row.id, credential.toString().getBytes(StandardCharsets.UTF_8));
        row.credentialKeyId = sealed == null ? null : sealed.keyId();
        row.credential = sealed == null ? null : sealed.ciphertext();
    }

    /** As the client wrote it. */
    ObjectNode openCredential(UUID subscriptionId, Sealed sealed) {
        return SubscriptionJson.parse(new String(box.open(subscriptionId, sealed), StandardCharsets.UTF_8));
    }

    Credential readCredential(UUID subscriptionId, Sealed sealed) {
        Credential credential = CredentialReader.read(JsonObjectReader.of(openCredential(subscriptionId, sealed)));
        if (credential == null) {
            throw new IllegalStateException("The stored credential of " + subscriptionId + " cannot be read");
        }
        return credential;
    }

    /** @param rowId of the secret's own row */
    Sealed sealSecret(UUID rowId, WebhookSecret secret) {
        return box.seal(rowId, secret.text().getBytes(StandardCharsets.US_ASCII));
    }

    WebhookSecret openSecret(UUID rowId, Sealed sealed) {
        return WebhookSecret.parse(new String(box.open(rowId, sealed), StandardCharsets.US_ASCII));
    }

    /** Whether the row holds this secret; false too when it cannot be opened: then another one may mend it. */
    boolean holds(UUID rowId, Sealed sealed, WebhookSecret secret) {
        try {
            return openSecret(rowId, sealed).equals(secret);
        } catch (IllegalStateException | IllegalArgumentException unreadable) {
            return false;
        }
    }

    /** Whether that is the stored credential; false too when the stored one cannot be opened. */
    boolean holds(UUID subscriptionId, @Nullable Sealed sealed, @Nullable ObjectNode credential) {
        if (sealed == null || credential == null) {
            return sealed == null && credential == null;
        }
        try {
            return openCredential(subscriptionId, sealed).equals(credential);
        } catch (IllegalStateException unreadable) {
            return false;
        }
    }

    /** Both columns or neither. */
    static @Nullable Sealed sealed(@Nullable String keyId, byte @Nullable [] ciphertext) {
        return keyId == null || ciphertext == null ? null : new Sealed(keyId, ciphertext);
    }
}
