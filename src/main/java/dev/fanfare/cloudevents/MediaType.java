package dev.fanfare.cloudevents;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A media type (RFC 9110 §8.3.1), as far as the codec asks about it.
 *
 * @param type lower case
 * @param subtype lower case
 * @param charset lower case, without quotes
 */
record MediaType(String type, String subtype, @Nullable String charset) {
    private static final MediaType JSON = new MediaType("application", "json", null);

    /** The media type in {@code text}, or null when it has not that form. */
    static @Nullable MediaType parse(String text) {
        return text.equals("application/json") ? JSON : new Scanner(text).mediaType();
    }

    /** CloudEvents JSON format §3.1.1: {@code *}{@code /json} or {@code *}{@code /*+json}. */
    boolean isJson() {
        return subtype.equals("json") || subtype.endsWith("+json");
    }

    boolean isText() {
        return type.equals("text");
    }

    /** Whether the declared charset, if any, is UTF-8 or the part of it that is ASCII. */
    boolean isUtf8() {
        return charset == null || charset.equals("utf-8") || charset.equals("utf8") || charset.equals("us-ascii");
    }

    private static final class Scanner {
        private final String text;
        private int at;

        Scanner(String text) {
            this.text = text;
        }

        @Nullable
        MediaType mediaType() {
            String type = token();
            if (type.isEmpty() || !accept('/')) {
                return null;
            }
            String subtype = token();
            if (subtype.isEmpty()) {
                return null;
            }
            String charset = null;
            for (skipSpace(); at < text.length(); skipSpace()) {
                if (!accept(';')) {
                    return null;
                }
                skipSpace();
                String name = token();
                if (name.isEmpty()) {
                    continue;
                }
                String value = accept('=') ? value() : null;
                if (value == null) {
                    return null;
                }
                if (name.equalsIgnoreCase("charset")) {
                    if (charset != null) {
                        return null;
                    }
                    charset = lower(value);
                }
            }
            return new MediaType(lower(type), lower(subtype), charset);
        }

        private @Nullable String value() {
            if (accept('"')) {
                return quoted();
            }
            String token = token();
            return token.isEmpty() ? null : token;
        }

        private @Nullable String quoted() {
            StringBuilder value = new StringBuilder();
            while (at < text.length()) {
                char c = text.charAt(at++);
                if (c == '"') {
                    return value.toString();
                }
                if (c == '\\' && at < text.length()) {
                    c = text.charAt(at++);
                }
                if (c < ' ' || c >= 0x7F) {
                    return null;
                }
                value.append(c);
            }
            return null;
        }

        private String token() {
            int start = at;
            while (at < text.length() && isTokenCharacter(text.charAt(at))) {
                at++;
            }
            return text.substring(start, at);
        }

        private boolean accept(char c) {
            if (at < text.length() && text.charAt(at) == c) {
                at++;
                return true;
            }
            return false;
        }

        private void skipSpace() {
            while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
                at++;
            }
        }

        /** RFC 9110 §5.6.2. */
        private static boolean isTokenCharacter(char c) {
            return (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
        }

        private static String lower(String token) {
            return token.toLowerCase(Locale.ROOT);
        }
    }
}
