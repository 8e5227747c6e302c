package dev.fanfare.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The commands that the README tells a reader to paste: one for each fenced block marked {@code sh}. */
final class ReadmeCommands {
    private static final Pattern BLOCK = Pattern.compile("(?sm)^```sh\\n(.*?)^```$");

    private ReadmeCommands() {}

    static List<String> read() throws IOException {
        return in(Files.readString(Path.of("README.md")));
    }

    static List<String> in(String markdown) {
        return BLOCK.matcher(markdown)
                .results()
                .map(block -> block.group(1).strip())
                .toList();
    }
}
