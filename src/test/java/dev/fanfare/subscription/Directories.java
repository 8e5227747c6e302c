package dev.fanfare.subscription;

import dev.fanfare.platform.SecretBox;
import dev.fanfare.platform.SecretBox.Sealed;
import dev.fanfare.platform.Sql;
import dev.fanfare.platform.Tx;
import dev.fanfare.signing.WebhookSecret;
import java.time.InstantSource;
import java.util.UUID;

/** Makes directories by hand for tests of the packages that use them. */
public final class Directories {
    private Directories() {}

    private static SecretVault vault() {
        return new SecretVault(new SecretBox(new byte[32]));
    }

    public static Directory of(Tx tx) {
        return new Directory(tx, vault());
    }

    /** Without Panache: nothing can be changed through it. */
    public static Subscriptions readOnly(Directory directory, InstantSource clock) {
        SubscriptionRepository rows = new SubscriptionRepository();
        TenantTransaction transaction = new TenantTransaction(rows, directory);
        return new Subscriptions(
                rows,
                vault(),
                new SubscriptionSecrets(transaction, rows, vault(), clock),
                transaction,
                directory,
                clock);
    }

    /** Gives a subscription a signing secret. */
    public static void addSecret(Tx tx, UUID subscription) {
        UUID id = UUID.randomUUID();
        Sealed sealed = vault().sealSecret(id, WebhookSecret.generate());
        tx.statement(connection -> Sql.of(connection, """
                        insert into subscription_secret (id, subscription_id, key_id, secret, created_at)
                        values (?, ?, ?, ?, now())""")
                .set(id)
                .set(subscription)
                .set(sealed.keyId())
                .set(sealed.ciphertext())
                .update());
    }
}
