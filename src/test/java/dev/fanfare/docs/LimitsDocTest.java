package dev.fanfare.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/limits.md names what exists: settings with their defaults, metrics, constants and tests; and every limit. */
class LimitsDocTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (.*) \\|$");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern SETTING = Pattern.compile("(?m)^\\| `(fanfare\\.[a-z.-]+)`<br>`[A-Z_]+` \\|"
            + " (whole number|size: [^|]*|duration: [^|]*) \\| (?:`([^`]*)`)? ?\\|");
    private static final Pattern LIMIT =
            Pattern.compile("static final (?:int|long|Duration) ((?:MOST|MAX|LONGEST)(?:_[A-Z_]+)?) =");
    private static final Pattern TEST = Pattern.compile("([A-Z]\\w+(?:Test|IT))\\.(\\w+)");
    private static final Pattern CONSTANT = Pattern.compile("([A-Z]\\w+)\\.([A-Z_]+)");

    private final String page = read(Path.of("docs/limits.md"));
    private final List<List<String>> rows = ROW.matcher(page)
            .results()
            .map(row -> Arrays.asList(row.group(1).split(" \\| ?", -1)))
            .toList();
    private final Set<String> named = new TreeSet<>();
    private final Map<String, String> main = sources(Path.of("src/main/java"));
    private final Map<String, String> tests = sources(Path.of("src/test/java"));

    LimitsDocTest() {
        CODE.matcher(page).results().map(code -> code.group(1)).forEach(named::add);
        assertThat(named).hasSizeGreaterThan(100);
    }

    @Test
    void each_test_that_it_names_exists() {
        assertThat(matches(TEST)).hasSizeGreaterThan(40).allSatisfy(test -> assertThat(tests.get(test.group(1)))
                .as(test.group())
                .isNotNull()
                .contains("void " + test.group(2) + "("));
    }

    @Test
    void each_constant_that_it_names_exists_and_each_limit_in_the_code_is_named() {
        for (MatchResult constant : matches(CONSTANT)) {
            assertThat(main.get(constant.group(1)))
                    .as(constant.group())
                    .isNotNull()
                    .contains(" " + constant.group(2) + " =");
        }
        Set<String> limits = new TreeSet<>();
        main.forEach((name, text) ->
                LIMIT.matcher(text).results().forEach(limit -> limits.add(name + "." + limit.group(1))));
        assertThat(limits).hasSizeGreaterThan(30);
        assertThat(named).containsAll(limits);
    }

    @Test
    void each_setting_with_a_size_a_number_or_a_duration_is_there_with_its_default() {
        Map<String, String> defaults = new TreeMap<>();
        SETTING.matcher(read(Path.of("docs/configuration.md")))
                .results()
                .forEach(setting ->
                        defaults.put(setting.group(1), setting.group(3) == null ? "none" : setting.group(3)));
        assertThat(defaults).hasSizeGreaterThan(15);
        defaults.forEach((setting, value) -> assertThat(rows)
                .as("%s with its default %s", setting, value)
                .anyMatch(row -> row.size() > 3
                        && row.get(2).contains("`" + setting + "`")
                        && Arrays.asList(row.get(1).split("[ ,]+")).contains(value)));
    }

    @Test
    void each_setting_and_metric_that_it_names_exists() {
        String known = read(Path.of("docs/configuration.md"))
                + read(Path.of("docs/metrics.md"))
                + read(Path.of("src/main/resources/application.properties"));
        assertThat(named.stream().filter(name -> name.matches("(fanfare|quarkus)[._].*")))
                .hasSizeGreaterThan(25)
                .allSatisfy(name -> assertThat(known).containsPattern(Pattern.quote(name) + "(?![a-z._-])"));
    }

    private List<MatchResult> matches(Pattern pattern) {
        return named.stream()
                .map(pattern::matcher)
                .filter(matcher -> matcher.matches())
                .map(matcher -> matcher.toMatchResult())
                .toList();
    }

    /** The text of each class by its simple name; where two share it, both. */
    private static Map<String, String> sources(Path root) {
        Map<String, String> all = new TreeMap<>();
        try (var files = Files.walk(root)) {
            files.filter(file -> file.toString().endsWith(".java"))
                    .forEach(file ->
                            all.merge(file.getFileName().toString().replace(".java", ""), read(file), String::concat));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
