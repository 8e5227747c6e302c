package dev.fanfare.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/metrics.md names every meter of the sources, under the name that Prometheus shows, and no other. */
class MetricsDocTest {
    private static final Pattern METER = Pattern.compile(
            "(?s)(Counter|Timer|Gauge)\\.builder\\(\\s*\"(fanfare[a-z.]+)\"|gauge\\(\\s*\\w+,\\s*\"(fanfare[a-z.]+)\"");
    private static final Pattern NAME = Pattern.compile("\"fanfare\\.[^\"]*\"");
    private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `(fanfare_[a-z_]+)");

    @Test
    void every_meter_is_documented_and_every_documented_meter_exists() throws IOException {
        assertThat(documented()).isEqualTo(registered());
    }

    private static Set<String> registered() throws IOException {
        Set<String> names = new TreeSet<>();
        try (var sources = Files.walk(Path.of("src/main/java"))) {
            sources.filter(path -> path.toString().endsWith(".java")).forEach(path -> collect(path, names));
        }
        assertThat(names).hasSizeGreaterThan(10);
        return names;
    }

    private static void collect(Path source, Set<String> names) {
        try {
            String text = Files.readString(source);
            if (text.contains("io.micrometer")) {
                assertThat(METER.matcher(text).results().count())
                        .as("%s makes every meter by a builder or gauge(), so that this test sees it", source)
                        .isEqualTo(NAME.matcher(text).results().count());
            }
            Matcher meter = METER.matcher(text);
            while (meter.find()) {
                String name = meter.group(2) == null ? meter.group(3) : meter.group(2);
                String suffix =
                        switch (String.valueOf(meter.group(1))) {
                            case "Counter" -> "_total";
                            case "Timer" -> "_seconds";
                            default -> "";
                        };
                names.add(name.replace('.', '_') + suffix);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> documented() throws IOException {
        Set<String> names = new TreeSet<>();
        Matcher row = DOCUMENTED.matcher(Files.readString(Path.of("docs/metrics.md")));
        while (row.find()) {
            names.add(row.group(1));
        }
        return names;
    }
}
