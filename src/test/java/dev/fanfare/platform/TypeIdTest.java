package dev.fanfare.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The vectors are those that the TypeID specification 0.3 publishes; its cases without a prefix have one here. */
class TypeIdTest {
    @ParameterizedTest
    @CsvSource({
        "prefix, prefix_00000000000000000000000000, 00000000-0000-0000-0000-000000000000",
        "prefix, prefix_00000000000000000000000001, 00000000-0000-0000-0000-000000000001",
        "prefix, prefix_0000000000000000000000000a, 00000000-0000-0000-0000-00000000000a",
        "prefix, prefix_0000000000000000000000000g, 00000000-0000-0000-0000-000000000010",
        "prefix, prefix_00000000000000000000000010, 00000000-0000-0000-0000-000000000020",
        "prefix, prefix_7zzzzzzzzzzzzzzzzzzzzzzzzz, ffffffff-ffff-ffff-ffff-ffffffffffff",
        "prefix, prefix_0123456789abcdefghjkmnpqrs, 0110c853-1d09-52d8-d73e-1194e95b5f19",
        "prefix, prefix_01h455vb4pex5vsknk084sn02q, 01890a5d-ac96-774b-bcce-b302099a8057",
        "pre_fix, pre_fix_00000000000000000000000000, 00000000-0000-0000-0000-000000000000",
    })
    void published_valid_ids_are_read_and_written(String prefix, String text, UUID uuid) {
        assertThat(TypeId.parse(prefix, text)).isEqualTo(uuid);
        assertThat(TypeId.format(prefix, uuid)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PREFIX_00000000000000000000000000",
                "12345_00000000000000000000000000",
                "pre.fix_00000000000000000000000000",
                "préfix_00000000000000000000000000",
                "  prefix_00000000000000000000000000",
                "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl_00000000000000000000000000",
                "_00000000000000000000000000",
                "_",
                "prefix_1234567890123456789012345",
                "prefix_123456789012345678901234567",
                "prefix_1234567890123456789012345 ",
                "prefix_0123456789ABCDEFGHJKMNPQRS",
                "prefix_123456789-123456789-123456",
                "prefix_ooooooiiiiiiuuuuuuulllllll",
                "prefix_i23456789ol23456789oi23456",
                "prefix_123456789-0123456789-0123456",
                "prefix_8zzzzzzzzzzzzzzzzzzzzzzzzz",
                "_prefix_00000000000000000000000000",
                "prefix__00000000000000000000000000",
                "",
                "prefix",
                "prefix_",
                "prefix-00000000000000000000000000",
                "prefix_0000000000000000000000000\u0660",
                "prefix_0000000000000000000000000\uff41",
                "prefix_00000000-0000-0000-0000-000000000000",
            })
    void anything_but_the_one_text_of_an_id_is_refused(String text) {
        assertThatThrownBy(() -> TypeId.parse("prefix", text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void an_id_of_another_kind_is_refused_and_the_message_says_what_is_expected() {
        assertThatThrownBy(() -> TypeId.parse("evt", "dlv_01h455vb4pex5vsknk084sn02q"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an id that starts with evt_ is expected");
    }

    @Test
    void random_ids_survive_writing_and_reading() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            UUID id = new UUID(random.nextLong(), random.nextLong());
            assertThat(TypeId.parse("evt", TypeId.format("evt", id))).isEqualTo(id);
        }
    }

    @Test
    void texts_sort_as_the_ids_do() {
        String earlier = TypeId.format("evt", UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057"));
        String later = TypeId.format("evt", UUID.fromString("01890a5d-ac97-7000-8000-000000000000"));
        assertThat(earlier).isLessThan(later);
    }
}
