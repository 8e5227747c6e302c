package dev.fanfare.subscription;

import dev.fanfare.platform.JsonObjectReader;
import dev.fanfare.platform.Times;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code sinkcredential} (CloudEvents Subscriptions API §3.2.4, and our own type HEADER). */
final class CredentialReader {
    private static final int MAX_LENGTH = 4096;
    /** RFC 6750 §2.1 */
    private static final Pattern BEARER = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

    private static final Pattern NO_CONTROLS = Pattern.compile("[^\\p{Cntrl}]*");

    private CredentialReader() {}

    /** Null when something is wrong, which the reader then knows. */
    static @Nullable Credential read(JsonObjectReader credential) {
        credential.require("credentialtype");
        String type = credential.text("credentialtype", 40);
        if (type == null) {
            return null;
        }
        return switch (type) {
            case "PLAIN" -> plain(credential);
            case "ACCESSTOKEN" -> accessToken(credential);
            case "HEADER" -> header(credential);
            default -> {
                String code = type.equals("REFRESHTOKEN") ? "notyet" : "invalid";
                credential.fault("credentialtype", code, "must be PLAIN, ACCESSTOKEN or HEADER");
                credential.ignore(credential.names().toArray(String[]::new));
                yield null;
            }
        };
    }

    private static @Nullable Credential plain(JsonObjectReader credential) {
        String identifier = matching(credential, "identifier", NO_CONTROLS, "must have no control characters");
        String secret = matching(credential, "secret", NO_CONTROLS, "must have no control characters");
        if (identifier != null && identifier.indexOf(':') >= 0) {
            credential.fault("identifier", "invalid", "must have no colon (RFC 7617 §2)");
            return null;
        }
        return identifier == null || secret == null ? null : new Credential.Plain(identifier, secret);
    }

    private static @Nullable Credential accessToken(JsonObjectReader credential) {
        String token = matching(credential, "accesstoken", BEARER, "must be a bearer token (RFC 6750 §2.1)");
        String type = credential.text("accesstokentype", 40);
        if (type != null && !type.equalsIgnoreCase("bearer")) {
            credential.fault("accesstokentype", "invalid", "must be bearer");
        }
        String expires = credential.text("accesstokenexpiresutc", 60);
        if (expires != null) {
            try {
                Times.parse(expires);
            } catch (IllegalArgumentException e) {
                credential.fault("accesstokenexpiresutc", "invalid", String.valueOf(e.getMessage()));
            }
        }
        return token == null ? null : new Credential.AccessToken(token);
    }

    private static @Nullable Credential header(JsonObjectReader credential) {
        credential.require("name");
        String name = credential.text("name", 128);
        if (name != null && !HeaderNames.isToken(name)) {
            credential.fault("name", "invalid", "is not a header name (RFC 9110 §5.6.2)");
        } else if (name != null && HeaderNames.isReserved(name)) {
            credential.fault("name", "reserved", "is set by the connection or by Fanfare");
        }
        credential.require("value");
        String value = credential.text("value", MAX_LENGTH);
        if (value != null && !value.matches("[!-~](?:[ -~]*[!-~])?")) {
            credential.fault("value", "invalid", "must be printable ASCII without spaces at its ends, and not empty");
        }
        return name == null || value == null ? null : new Credential.Header(name, value);
    }

    private static @Nullable String matching(
            JsonObjectReader credential, String name, Pattern pattern, String expected) {
        credential.require(name);
        String text = credential.text(name, MAX_LENGTH);
        if (text != null && !pattern.matcher(text).matches()) {
            credential.fault(name, "invalid", expected);
            return null;
        }
        return text;
    }
}
