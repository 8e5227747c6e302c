package dev.fanfare.platform;

import io.quarkus.runtime.QuarkusApplication;

/**
 * A start that only loads classes, for the archive that packaging makes with {@code -XX:ArchiveClassesAtExit}: it opens
 * no port, has no database, and ends when everything has been started.
 */
public final class Rehearsal implements QuarkusApplication {
    /** The command line argument that asks for it. */
    static final String ARGUMENT = "rehearse";

    static boolean isAskedFor(String... arguments) {
        return arguments.length == 1 && arguments[0].equals(ARGUMENT);
    }

    /** Closes what a start would open; before the configuration is read. */
    static void closeDoors() {
        System.setProperty("quarkus.http.host-enabled", "false");
        System.setProperty("quarkus.management.host-enabled", "false");
        // nobody listens on port 1
        System.setProperty("quarkus.datasource.jdbc.url", "jdbc:postgresql://127.0.0.1:1/");
    }

    @Override
    public int run(String... arguments) {
        return 0;
    }
}
