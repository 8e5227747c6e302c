package dev.fanfare.platform;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one process ({@code fanfare.data-dir}): mode 0700, locked as long as the process lives, so that two
 * processes can never share an embedded database or a place.
 */
public final class DataDirectory implements AutoCloseable {
    private final Path path;
    private final UUID place;
    private final @Nullable FileChannel lock;
    private final boolean holdsDatabase;

    private DataDirectory(Path path, UUID place, @Nullable FileChannel lock, boolean holdsDatabase) {
        this.path = path;
        this.place = place;
        this.lock = lock;
        this.holdsDatabase = holdsDatabase;
    }

    /**
     * Makes the directory of an embedded database where it is absent, and locks it.
     *
     * @throws StartRefused when another process holds it, or it cannot be written
     */
    public static DataDirectory open(Path directory) {
        try {
            return lock(directory, true);
        } catch (IOException e) {
            throw new StartRefused(
                    "The data directory " + directory.toAbsolutePath() + " cannot be used (" + e
                            + "). Name one that this user may write: FANFARE_DATA_DIR.",
                    e);
        }
    }

    /**
     * The same for a process whose database lives elsewhere: a directory that cannot be written is no obstacle, its
     * place is then new with each start.
     *
     * @throws StartRefused when another process holds it
     */
    public static DataDirectory openIfWritable(Path directory) {
        try {
            return lock(directory, false);
        } catch (IOException e) {
            return new DataDirectory(directory.toAbsolutePath().normalize(), UUID.randomUUID(), null, false);
        }
    }

    private static DataDirectory lock(Path directory, boolean holdsDatabase) throws IOException {
        Path path = directory.toAbsolutePath().normalize();
        if (!Files.isDirectory(path)) {
            Files.createDirectories(path);
        }
        path = path.toRealPath();
        FileChannel channel =
                FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (!acquired(channel)) {
                throw new StartRefused("Another Fanfare is running in the data directory " + path
                        + ". Stop it, or give this one a directory of its own: FANFARE_DATA_DIR.");
            }
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
            return new DataDirectory(path, readPlace(path), channel, holdsDatabase);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static boolean acquired(FileChannel channel) throws IOException {
        try {
            FileLock held = channel.tryLock();
            return held != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static UUID readPlace(Path path) throws IOException {
        Path file = path.resolve("place");
        try {
            return UUID.fromString(Files.readString(file).strip());
        } catch (NoSuchFileException e) {
            UUID place = UUID.randomUUID();
            write(file, place + "\n");
            return place;
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " holds no UUID", e);
        }
    }

    /** The absolute path. */
    public Path path() {
        return path;
    }

    /** Tells this directory from all others; a restarted process is known by it. */
    public UUID place() {
        return place;
    }

    /** Whether the database is embedded here, so that keys kept in files stand beside the data they belong to. */
    public boolean holdsDatabase() {
        return holdsDatabase;
    }

    /** Whether files can be kept here: false only for a process whose database lives elsewhere. */
    public boolean writable() {
        return lock != null;
    }

    /** The text of a file in here without surrounding white space, null where there is none. */
    public @Nullable String read(String name) throws IOException {
        Path file = path.resolve(name);
        return Files.exists(file) ? Files.readString(file).strip() : null;
    }

    /** Keeps a text in a file with mode 0600; a crash leaves the old file or the new one. */
    public Path keep(String name, String text) throws IOException {
        Path file = path.resolve(name);
        write(file, text + "\n");
        return file;
    }

    private static void write(Path file, String text) throws IOException {
        Path aside = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(aside);
        Files.createFile(aside, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (FileChannel channel = FileChannel.open(aside, StandardOpenOption.WRITE)) {
            channel.write(StandardCharsets.UTF_8.encode(text));
            channel.force(true);
        }
        Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
        sync(file.toAbsolutePath().getParent());
    }

    /** Makes renames within a directory durable. */
    static void sync(@Nullable Path directory) throws IOException {
        if (directory == null) {
            return;
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void close() {
        if (lock == null) {
            return;
        }
        try {
            lock.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
