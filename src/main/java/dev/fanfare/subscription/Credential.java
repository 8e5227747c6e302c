package dev.fanfare.subscription;

/** What a sink asks for (CloudEvents Subscriptions API, {@code sinkcredential}); never logged, never shown. */
public sealed interface Credential {
    /** {@code Authorization: Basic} (RFC 7617); the identifier has no colon. */
    record Plain(String identifier, String secret) implements Credential {
        @Override
        public String toString() {
            return "Plain(redacted)";
        }
    }

    /** {@code Authorization: Bearer} (RFC 6750). */
    record AccessToken(String token) implements Credential {
        @Override
        public String toString() {
            return "AccessToken(redacted)";
        }
    }

    /** A header of the receiver's own, such as {@code X-Api-Key}. */
    record Header(String name, String value) implements Credential {
        @Override
        public String toString() {
            return "Header(" + name + ", redacted)";
        }
    }
}
