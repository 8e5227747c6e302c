package dev.fanfare.attempt;

import dev.fanfare.subscription.Credential;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Hides a credential in what its receiver answers: responses are stored as they are, and shown. */
final class Echo {
    /** Characters of a credential that is looked for: a shorter one would be found in ordinary words. */
    private static final int SHORTEST = 8;

    private static final String HIDDEN = "(hidden)";

    /** Their bytes, a character each. */
    private final List<String> secrets;

    private Echo(Stream<String> secrets) {
        this.secrets = secrets.map(
                        text -> new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1))
                .filter(secret -> secret.length() >= SHORTEST)
                .toList();
    }

    static Echo of(@Nullable Credential credential) {
        if (credential instanceof Credential.Plain plain) {
            return new Echo(Stream.of(basic(plain), plain.secret()));
        }
        if (credential instanceof Credential.AccessToken access) {
            return new Echo(Stream.of(access.token()));
        }
        return new Echo(credential instanceof Credential.Header header ? Stream.of(header.value()) : Stream.of());
    }

    /** The credentials of {@code Authorization: Basic} (RFC 7617 §2). */
    static String basic(Credential.Plain plain) {
        String pair = plain.identifier() + ":" + plain.secret();
        return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    /** The same bytes without the credential; never more of them. */
    byte[] hide(byte[] received) {
        if (secrets.isEmpty() || received.length == 0) {
            return received;
        }
        String text = new String(received, StandardCharsets.ISO_8859_1);
        String hidden = text;
        for (String secret : secrets) {
            hidden = hidden.replace(secret, HIDDEN);
        }
        return hidden.equals(text) ? received : hidden.getBytes(StandardCharsets.ISO_8859_1);
    }
}
