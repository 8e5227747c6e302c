package dev.fanfare.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationDocTest {
    private static final GeneratedPage PAGE = new GeneratedPage(
            Path.of("docs/configuration.md"), "<!-- From here on made from the sources by ConfigurationDocTest. -->\n");

    @TempDir
    Path folder;

    @Test
    void the_page_lists_every_setting_of_the_sources() throws IOException {
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            List<Path> mappings =
                    sources.filter(ConfigurationDocTest::isMapping).toList();
            PAGE.mustBe(ConfigurationReference.markdown(ConfigurationReference.read(mappings)));
        }
    }

    @Test
    void a_setting_is_told_with_its_environment_variable_type_default_and_javadoc() throws IOException {
        Path source = source("""
                /** What it is for. */
                @ConfigMapping(prefix = "fanfare.ingest")
                public interface Config {
                    /** Longest wait, see {@link #retry}; <code>PT0S</code> is <em>none</em> | never. */
                    @WithDefault("PT15S")
                    Duration maxWait();
                    /** Where. */
                    @WithName("allowed-in")
                    Optional<List<String>> networks();
                    Retry retry();
                    interface Retry {
                        /** How often. */
                        @WithDefault("3")
                        int times();
                    }
                }
                """);

        assertThat(ConfigurationReference.markdown(ConfigurationReference.read(List.of(source))))
                .isEqualTo("""

                ## `fanfare.ingest`

                What it is for.

                | setting | type | default | what it does |
                | --- | --- | --- | --- |
                | `fanfare.ingest.max-wait`<br>`FANFARE_INGEST_MAX_WAIT` | duration: `15S`, `PT15S` | `PT15S` | \
                Longest wait, see `retry`; `PT0S` is <em>none</em> \\| never. |
                | `fanfare.ingest.allowed-in`<br>`FANFARE_INGEST_ALLOWED_IN` | list, separated by commas |  | Where. |
                | `fanfare.ingest.retry.times`<br>`FANFARE_INGEST_RETRY_TIMES` | whole number | `3` | How often. |
                """);
    }

    @Test
    void a_setting_without_javadoc_or_without_default_is_refused() throws IOException {
        String head = "/** A. */ @ConfigMapping(prefix = \"a\") public interface Config {";
        List<Path> undocumented = List.of(source(head + "@WithDefault(\"1\") int b(); }"));
        assertThatThrownBy(() -> ConfigurationReference.read(undocumented)).hasMessage("a.b has no Javadoc");

        List<Path> open = List.of(source(head + "/** B. */ int b(); }"));
        assertThatThrownBy(() -> ConfigurationReference.read(open))
                .hasMessage("a.b has neither @WithDefault nor an Optional type");
    }

    private Path source(String text) throws IOException {
        return Files.writeString(folder.resolve("Config.java"), text);
    }

    private static boolean isMapping(Path file) {
        try {
            return file.toString().endsWith(".java") && Files.readString(file).contains("@ConfigMapping(");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
