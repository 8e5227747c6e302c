package dev.fanfare.platform;

import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/** Hands the data directory from {@link Fanfare} to whoever injects it; a test has no main and opens its own. */
@Singleton
final class DataDirectories {
    static volatile @Nullable DataDirectory openedByMain;

    @Produces
    @Singleton
    DataDirectory dataDirectory(PlatformConfig config) {
        DataDirectory opened = openedByMain;
        return opened == null ? DataDirectory.openIfWritable(config.dataDir()) : opened;
    }

    // What main opened stays locked until the process has ended: the embedded Postgres still runs.
    void close(@Disposes DataDirectory directory) {
        if (directory != openedByMain) {
            directory.close();
        }
    }
}
