package dev.fanfare.platform;

import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Finds the key that encrypts secrets, or makes it for a database that has none, and holds it against the check value
 * in {@code instance}: a process with another key never runs.
 */
@Singleton
final class EncryptionKey {
    private static final String FILE = "encryption.key";
    private static final UUID CHECK_ROW = new UUID(0, 0);
    private static final byte[] CHECK_TEXT = "fanfare".getBytes(StandardCharsets.US_ASCII);

    private final Tx tx;
    private final SecretBox box;
    private final DataDirectory directory;
    private final PlatformConfig config;

    EncryptionKey(Tx tx, SecretBox box, DataDirectory directory, PlatformConfig config) {
        this.tx = tx;
        this.box = box;
        this.directory = directory;
        this.config = config;
    }

    /**
     * Opens the {@link SecretBox}. Two replicas at their first start wait for each other at the row; the second reads
     * what the first has written.
     *
     * @throws StartRefused when the key is missing, malformed or another
     */
    void unlock() {
        tx.run(connection -> {
            SecretBox.@Nullable Sealed check = read(connection);
            byte[] key = known(check);
            if (key == null) {
                key = makeFile();
            }
            box.unlock(key);
            if (check == null) {
                write(connection, box.seal(CHECK_ROW, CHECK_TEXT));
            } else {
                compare(check);
            }
            return key.length;
        });
    }

    private void compare(SecretBox.Sealed check) {
        try {
            box.open(CHECK_ROW, check);
        } catch (IllegalStateException e) {
            throw new StartRefused(
                    "The encryption key is not the one that this database's secrets are encrypted with (key "
                            + check.keyId() + "). " + bring(),
                    e);
        }
    }

    /** From the configuration or the file; null where it may be made. */
    private byte @Nullable [] known(SecretBox.@Nullable Sealed check) {
        Optional<String> configured = config.encryptionKey();
        if (configured.isPresent()) {
            return decode(configured.get().strip(), "FANFARE_ENCRYPTION_KEY");
        }
        try {
            String kept = directory.read(FILE);
            if (kept != null) {
                return decode(kept, directory.path().resolve(FILE).toString());
            }
        } catch (IOException e) {
            throw new StartRefused("The encryption key cannot be read: " + e, e);
        }
        if (check != null) {
            throw new StartRefused("The secrets in this database are encrypted with key " + check.keyId()
                    + ", and this process has no key. " + bring());
        }
        return null;
    }

    private String bring() {
        return "Bring that key: its base64 in FANFARE_ENCRYPTION_KEY, or the file " + FILE
                + " of the server that made it, as " + directory.path().resolve(FILE) + ".";
    }

    private static byte[] decode(String text, String where) {
        try {
            byte[] key = Base64.getDecoder().decode(text);
            if (key.length == 32) {
                return key;
            }
        } catch (IllegalArgumentException e) {
            // said below, without the text
        }
        throw new StartRefused(where + " is not the base64 of 32 bytes. `openssl rand -base64 32` makes such a key.");
    }

    private byte[] makeFile() {
        byte[] key = SecretBox.newKey();
        try {
            directory.keep(FILE, Base64.getEncoder().encodeToString(key));
            return key;
        } catch (IOException e) {
            throw new StartRefused(
                    "A new database needs an encryption key, and none can be kept in " + directory.path() + " (" + e
                            + "). Set FANFARE_ENCRYPTION_KEY (`openssl rand -base64 32`), or a writable FANFARE_DATA_DIR.",
                    e);
        }
    }

    private static SecretBox.@Nullable Sealed read(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        select key_id, key_check from fanfare.instance for update
                        """)) {
            if (!row.next()) {
                throw new StartRefused("The database's row in fanfare.instance is gone. Restore it from a backup.");
            }
            String keyId = row.getString(1);
            return keyId == null ? null : new SecretBox.Sealed(keyId, row.getBytes(2));
        }
    }

    private static void write(Connection connection, SecretBox.Sealed check) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                update fanfare.instance set key_id = ?, key_check = ?
                """)) {
            statement.setString(1, check.keyId());
            statement.setBytes(2, check.ciphertext());
            statement.executeUpdate();
        }
    }
}
