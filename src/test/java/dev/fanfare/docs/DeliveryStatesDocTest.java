package dev.fanfare.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fanfare.delivery.DeliveryState;
import dev.fanfare.delivery.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class DeliveryStatesDocTest {
    private static final Path PAGE = Path.of("docs/delivery-states.md");
    private static final Path MIGRATION = Path.of("src/main/resources/db/migration/V4__deliveries_and_queue.sql");
    private static final List<String> STATES =
            Arrays.stream(DeliveryState.values()).map(DeliveryState::word).toList();
    private static final List<String> REASONS =
            Arrays.stream(Reason.values()).map(Reason::word).toList();

    @Test
    void the_table_of_states_is_the_enum() throws IOException {
        assertThat(rows("States")).containsExactlyElementsOf(STATES);
    }

    @Test
    void the_table_of_reasons_is_the_enum() throws IOException {
        assertThat(rows("Reasons")).containsExactlyElementsOf(REASONS);
    }

    @Test
    void the_diagram_leads_into_every_state_and_knows_no_other() throws IOException {
        String diagram = section("Diagram");
        assertThat(all("--> ([a-z]+)", diagram)).containsAll(STATES);
        assertThat(all("(?:^ +|--> )([a-z]+)", diagram))
                .filteredOn(word -> !word.equals("note"))
                .isSubsetOf(STATES);
    }

    @Test
    void the_diagram_ends_in_exactly_the_final_states() throws IOException {
        assertThat(all("([a-z]+) --> \\[\\*]", section("Diagram")))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(DeliveryState.values())
                        .filter(DeliveryState::isFinal)
                        .map(DeliveryState::word)
                        .toList());
    }

    @Test
    void the_database_takes_exactly_the_states_of_the_enum() throws IOException {
        List<String> check =
                all("constraint delivery_state check \\(state in \\(([^)]*)\\)\\)", Files.readString(MIGRATION));
        assertThat(check).hasSize(1);
        assertThat(all("'([a-z]+)'", check.get(0))).containsExactlyInAnyOrderElementsOf(STATES);
    }

    private static List<String> rows(String heading) throws IOException {
        return all("^\\| `([a-z]+)` \\|", section(heading));
    }

    private static String section(String heading) throws IOException {
        List<String> found = all("(?s)\n## " + heading + "\n(.*?)(?=\n## |\\z)", Files.readString(PAGE));
        assertThat(found).as("section %s of %s", heading, PAGE).hasSize(1);
        return found.get(0);
    }

    private static List<String> all(String pattern, String text) {
        return Pattern.compile(pattern, Pattern.MULTILINE)
                .matcher(text)
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
    }
}
