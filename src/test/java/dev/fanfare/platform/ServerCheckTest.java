package dev.fanfare.platform;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerCheckTest {
    @ParameterizedTest
    @ValueSource(ints = {9, 13})
    void a_server_too_old_is_refused_with_what_to_bring(int version) {
        assertThatThrownBy(() -> ServerCheck.refuseTooOld(version))
                .isInstanceOf(StartRefused.class)
                .hasMessage("The database is Postgres " + version + "; Fanfare needs 14 to 18. Upgrade it, or name"
                        + " another in QUARKUS_DATASOURCE_JDBC_URL.");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18, 19})
    void others_are_taken(int version) {
        assertThatCode(() -> ServerCheck.refuseTooOld(version)).doesNotThrowAnyException();
    }
}
