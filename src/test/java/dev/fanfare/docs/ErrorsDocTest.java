package dev.fanfare.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.platform.ProblemType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ErrorsDocTest {
    private static final Pattern ROW =
            Pattern.compile("^\\| `([a-z]+)` \\| ([0-9]{3}) \\| [^|]{20,} \\| [^|]{5,} \\|$");

    @Test
    void the_page_lists_every_code_with_its_status_in_the_order_of_the_catalogue_and_no_other() throws IOException {
        List<String> documented = Files.readAllLines(Path.of("docs/errors.md")).stream()
                .map(ROW::matcher)
                .filter(matcher -> matcher.matches())
                .map(matcher -> matcher.group(1) + " " + matcher.group(2))
                .toList();

        assertThat(documented)
                .containsExactlyElementsOf(Arrays.stream(ProblemType.values())
                        .map(type -> type.code + " " + type.status)
                        .toList());
    }

    @Test
    void a_code_is_one_lower_case_word_and_names_one_problem() {
        assertThat(ProblemType.values())
                .extracting(type -> type.code)
                .doesNotHaveDuplicates()
                .allMatch(code -> code.matches("[a-z]+"));
    }
}
