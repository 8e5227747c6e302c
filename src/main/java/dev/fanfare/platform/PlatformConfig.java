package dev.fanfare.platform;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.Optional;

/** What the process itself needs. */
@ConfigMapping(prefix = "fanfare")
public interface PlatformConfig {
    /**
     * Directory of this process, made with mode 0700: the embedded Postgres, generated keys, the process's identity. No
     * two processes may share one. Optional where the database is external and the keys come by configuration.
     */
    @WithDefault("data")
    Path dataDir();

    /**
     * Key that encrypts stored secrets: base64 of 32 bytes, the same in every replica. Without it a key is generated
     * at the first start and kept in {@code encryption.key} in the data directory.
     */
    Optional<String> encryptionKey();
}
