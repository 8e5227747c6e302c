package dev.fanfare.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fanfare.platform.ProblemException;
import dev.fanfare.platform.ProblemType;
import dev.fanfare.platform.StartRefused;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTest {
    private static final String KEY = ApiKey.generate("operator");
    private static final UUID KEY_ID = new UUID(1, 1);
    private static final UUID DEFAULT = new UUID(2, 1);
    private static final UUID ACME = new UUID(2, 2);
    private static final String CONFIGURED = "0123456789abcdef0123456789abcdef";

    private final Access access = access(null);

    private static Access access(@Nullable String configured) {
        Optional<String> key = Optional.ofNullable(configured);
        Access access = new Access(() -> key);
        access.learn(new AccessStore.Known(
                Map.of(ApiKey.hex(ApiKey.hash(KEY)), KEY_ID), Map.of("default", DEFAULT, "acme", ACME)));
        return access;
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer ", "bearer ", "BEARER   "})
    void the_scheme_is_read_in_any_case(String scheme) {
        assertThat(access.authenticate(scheme + KEY, null)).isEqualTo(new Caller(DEFAULT, "operator", KEY_ID));
    }

    @Test
    void the_operator_names_the_tenant() {
        assertThat(access.authenticate("Bearer " + KEY, "acme").tenantId()).isEqualTo(ACME);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ACME", "nobody", "default "})
    void an_unknown_tenant_is_400(String tenant) {
        refused(ProblemType.UNKNOWN_TENANT, () -> access.authenticate("Bearer " + KEY, tenant));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "Bearer", "Bearer ", "Bearer x", "Basic eDp5", "Bearer a b", "Bearer a, Bearer b", "x"})
    void anything_but_a_known_key_is_401_with_the_scheme_to_use(@Nullable String header) {
        assertThatThrownBy(() -> access.authenticate(header, null))
                .asInstanceOf(InstanceOfAssertFactories.type(ProblemException.class))
                .satisfies(refused -> {
                    assertThat(refused.problem().type()).isEqualTo(ProblemType.UNAUTHORIZED);
                    assertThat(refused.problem().headers()).containsEntry("WWW-Authenticate", "Bearer");
                });
    }

    @Test
    void a_key_without_its_scheme_or_of_megabytes_is_401() {
        refused(ProblemType.UNAUTHORIZED, () -> access.authenticate(KEY, null));
        refused(ProblemType.UNAUTHORIZED, () -> access.authenticate("Bearer " + "k".repeat(1_000_000), null));
    }

    @Test
    void a_wrong_key_is_refused_before_the_tenant_is_looked_at() {
        refused(ProblemType.UNAUTHORIZED, () -> access.authenticate("Bearer x", "nobody"));
    }

    @Test
    void a_configured_key_stands_in_for_the_generated_one() {
        Access configured = access(CONFIGURED);
        Caller caller = configured.authenticate("Bearer " + CONFIGURED, null);
        assertThat(caller.tenantId()).isEqualTo(DEFAULT);
        assertThat(caller).isEqualTo(access(CONFIGURED).authenticate("Bearer " + CONFIGURED, null));
        refused(ProblemType.UNAUTHORIZED, () -> configured.authenticate("Bearer " + KEY, null));
    }

    @Test
    void before_keys_are_known_every_call_is_503_with_retry_after() {
        assertThatThrownBy(() -> new Access(Optional::empty).authenticate("Bearer " + KEY, null))
                .asInstanceOf(InstanceOfAssertFactories.type(ProblemException.class))
                .satisfies(refused -> {
                    assertThat(refused.problem().type()).isEqualTo(ProblemType.UNAVAILABLE);
                    assertThat(refused.problem().headers()).containsKey("Retry-After");
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0123456789abcdef0123456789abcde",
                "0123456789abcdef 0123456789abcdef",
                "ä123456789abcdef0123456789abcdef"
            })
    void a_configured_key_that_is_short_or_cannot_be_sent_is_refused(String key) {
        assertThatThrownBy(() -> Access.check(key))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining("FANFARE_ACCESS_OPERATOR_KEY");
    }

    @Test
    void a_configured_key_of_32_characters_is_taken() {
        assertThatCode(() -> Access.check(CONFIGURED)).doesNotThrowAnyException();
    }

    @Test
    void a_generated_key_says_its_role_and_carries_a_checksum() {
        assertThat(KEY).matches("ff_operator_[0-9A-Za-z]{49}");
        int checksum = KEY.length() - 6;
        assertThat(ApiKey.checksum(KEY.substring(0, checksum))).isEqualTo(KEY.substring(checksum));
        assertThat(ApiKey.generate("operator")).isNotEqualTo(KEY);
    }

    private static void refused(ProblemType type, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .asInstanceOf(InstanceOfAssertFactories.type(ProblemException.class))
                .satisfies(refused -> assertThat(refused.problem().type()).isEqualTo(type));
    }
}
