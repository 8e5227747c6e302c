package dev.fanfare.platform;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** The programs of the Postgres that Fanfare carries, unpacked once per version into the data directory. */
final class PostgresBinaries {
    /** The version of the archives on the class path; a test compares it with what they hold. */
    static final String VERSION = "18.1.0";

    static final String MAJOR = VERSION.substring(0, VERSION.indexOf('.'));

    private final Path home;
    private final List<String> prefix;

    private PostgresBinaries(Path home, List<String> prefix) {
        this.home = home;
        this.prefix = prefix;
    }

    /** @throws StartRefused where no archive fits this machine, or the user may not run Postgres */
    static PostgresBinaries in(Path directory) throws IOException {
        Path home = directory.resolve("pg-bin-" + VERSION);
        if (!Files.isDirectory(home)) {
            Path aside = directory.resolve("pg-bin.new");
            delete(aside);
            try (InputStream archive = PostgresBinaries.class.getResourceAsStream("/" + archive())) {
                if (archive == null) {
                    throw new StartRefused(archive() + " is not on the class path.");
                }
                unpack(archive, aside);
            }
            Files.move(aside, home, StandardCopyOption.ATOMIC_MOVE);
        }
        return at(home);
    }

    /** Programs that have been unpacked there. */
    static PostgresBinaries at(Path home) throws IOException {
        return new PostgresBinaries(home, prefixForThisUser());
    }

    /** The name of this machine's archive. */
    static String archive() {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        boolean arm = arch.equals("aarch64") || arch.equals("arm64");
        if (os.startsWith("linux") && (arm || arch.equals("amd64") || arch.equals("x86_64"))) {
            return arm ? "postgres-linux-arm_64.txz" : "postgres-linux-x86_64.txz";
        }
        if (os.startsWith("mac") && arm) {
            return "postgres-darwin-arm_64.txz";
        }
        throw new StartRefused("No embedded Postgres for " + os + " on " + arch
                + ". Bring a Postgres: QUARKUS_DATASOURCE_JDBC_URL, _USERNAME, _PASSWORD.");
    }

    /** Unpacks a .txz archive into a new directory with mode 0700. */
    static void unpack(InputStream archive, Path target) throws IOException {
        Files.createDirectories(
                target, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(archive)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                unpack(tar, entry, target);
            }
        }
    }

    private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path target) throws IOException {
        Path file = target.resolve(entry.getName()).normalize();
        if (!file.startsWith(target)) {
            throw new IOException("The archive names a file outside of itself: " + entry.getName());
        }
        if (entry.isDirectory()) {
            Files.createDirectories(file);
            return;
        }
        Files.createDirectories(file.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
            return;
        }
        Files.copy(tar, file, StandardCopyOption.REPLACE_EXISTING);
        Set<PosixFilePermission> mode = EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        if ((entry.getMode() & 0100) != 0) {
            mode.add(PosixFilePermission.OWNER_EXECUTE);
        }
        Files.setPosixFilePermissions(file, mode);
    }

    // Postgres refuses to run as root; in a user namespace of its own it is nobody there, and files stay root's
    // outside.
    private static List<String> prefixForThisUser() throws IOException {
        if (!"root".equals(System.getProperty("user.name"))) {
            return List.of();
        }
        List<String> unshare = List.of("unshare", "-U");
        try {
            Process probe = new ProcessBuilder("unshare", "-U", "true")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (probe.waitFor(10, TimeUnit.SECONDS) && probe.exitValue() == 0) {
                return unshare;
            }
        } catch (IOException e) {
            // no such program: the same answer as where it is forbidden
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        throw new StartRefused("Fanfare runs as root. Its embedded Postgres never does, and this machine allows no user"
                + " namespace (unshare -U) to run it in. Start Fanfare as another user, or bring a Postgres:"
                + " QUARKUS_DATASOURCE_JDBC_URL, _USERNAME, _PASSWORD.");
    }

    /** Runs one of the programs to its end. */
    int run(Path output, Path workingDirectory, String program, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(prefix);
        command.add(home.resolve("bin").resolve(program).toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(workingDirectory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        Map<String, String> environment = builder.environment();
        String path = environment.getOrDefault("PATH", "/usr/bin:/bin");
        // PG* and locale settings of the shell that started us are not meant for this server.
        environment.clear();
        environment.put("PATH", path);
        environment.put("LC_ALL", "C");
        environment.put("TZ", "UTC");
        Process process = builder.start();
        process.getOutputStream().close();
        return process.waitFor();
    }

    /** Removes what other versions left; call it when none of their servers runs any more. */
    void deleteOthers() throws IOException {
        try (Stream<Path> all = Files.list(home.getParent())) {
            for (Path other : (Iterable<Path>)
                    all.filter(p -> p.getFileName().toString().startsWith("pg-bin-") && !p.equals(home))::iterator) {
                delete(other);
            }
        }
    }

    /** Deletes a directory with all that is in it; nothing where there is none. */
    static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        if (Files.isSymbolicLink(directory)) {
            Files.delete(directory);
            return;
        }
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : (Iterable<Path>) all.sorted(Comparator.reverseOrder())::iterator) {
                Files.deleteIfExists(path);
            }
        }
    }
}
