package dev.fanfare.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CursorTest {
    private static final UUID ID = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");

    @Test
    void a_cursor_comes_back_as_it_was_made() {
        for (Cursor cursor : new Cursor[] {Cursor.olderThan(ID), Cursor.newerThan(ID)}) {
            assertThat(Cursor.decode("list&a=b", cursor.encode("list&a=b"))).isEqualTo(cursor);
        }
    }

    @Test
    void a_cursor_is_safe_in_a_url() {
        assertThat(Cursor.olderThan(new UUID(-1, -1)).encode("")).matches("[A-Za-z0-9_-]{34}");
    }

    @Test
    void a_cursor_of_other_filters_is_refused() {
        String cursor = Cursor.olderThan(ID).encode("list&state=dead");

        assertRefused("list&state=pending", cursor);
    }

    @Test
    void a_cursor_with_any_character_changed_is_refused() {
        String cursor = Cursor.olderThan(ID).encode("list");

        for (int i = 0; i < cursor.length(); i++) {
            for (char other : new char[] {'A', 'B', '_', 'z'}) {
                if (cursor.charAt(i) != other) {
                    assertRefused("list", cursor.substring(0, i) + other + cursor.substring(i + 1));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "!!!!", "AAAA", "äöü", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "AA=="})
    void what_was_never_a_cursor_is_refused(String text) {
        assertRefused("list", text);
        assertRefused("list", text.repeat(10_000));
    }

    private static void assertRefused(String scope, String cursor) {
        assertThatThrownBy(() -> Cursor.decode(scope, cursor))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        refused -> assertThat(refused.problem().type()).isEqualTo(ProblemType.BAD_CURSOR));
    }
}
