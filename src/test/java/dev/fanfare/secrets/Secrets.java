package dev.fanfare.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The secrets of a test, none of which may be found in the end. */
final class Secrets {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final List<Secret> all = new ArrayList<>();

    /** One that somebody else has made; returns its text. */
    String known(String what, String text) {
        all.add(new Secret(what, text));
        return text;
    }

    /** Makes one of 32 characters that any header and any URI can carry. */
    String random(String what) {
        byte[] bytes = new byte[24];
        RANDOM.nextBytes(bytes);
        return known(what, Base64.getUrlEncoder().encodeToString(bytes));
    }

    /** Makes a signing secret of so many bytes. */
    String signing(String what, int size) {
        byte[] bytes = new byte[size];
        RANDOM.nextBytes(bytes);
        return known(what, "whsec_" + Base64.getEncoder().encodeToString(bytes));
    }

    /** One that is derived: the text in base64. */
    String base64(String what, String text) {
        return known(what, Base64.getEncoder().encodeToString(text.getBytes(UTF_8)));
    }

    /**
     * Fails where one of them is in a text.
     *
     * @param marker what is there for certain, or the text is not what it should be
     */
    void areNotIn(String where, String text, String marker) {
        assertThat(text).as(where).contains(marker);
        assertThat(all.stream().map(secret -> secret.foundIn(text)).flatMap(Optional::stream))
                .as("secrets in %s", where)
                .isEmpty();
    }
}
