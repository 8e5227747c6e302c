package dev.fanfare.cloudevents;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Attribute values in HTTP headers: CloudEvents HTTP binding §3.1.3.2. */
final class HeaderValue {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private HeaderValue() {}

    /**
     * Takes off one quoted-string, then one round of percent-encoding. Two liberties, because common clients do not
     * encode: a percent sign without two hex digits is itself, and bytes above 0x7F are taken as UTF-8.
     *
     * @param raw the value as an HTTP server hands it over, bytes as ISO-8859-1 characters
     * @return null when the bytes are not strict UTF-8
     */
    static @Nullable String decode(String raw) {
        String value = unquote(trim(raw));
        if (isPlain(value)) {
            return value;
        }
        byte[] bytes = new byte[value.length()];
        int length = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c > 0xFF) {
                return null;
            }
            if (c == '%' && i + 2 < value.length() && hex(value, i + 1) >= 0 && hex(value, i + 2) >= 0) {
                c = (char) (hex(value, i + 1) * 16 + hex(value, i + 2));
                i += 2;
            }
            bytes[length++] = (byte) c;
        }
        byte[] decoded = Arrays.copyOf(bytes, length);
        return Utf8.isValid(decoded) ? new String(decoded, StandardCharsets.UTF_8) : null;
    }

    /** Percent-encodes space, {@code "}, {@code %} and everything outside U+0021 to U+007E, with upper-case digits. */
    static String encode(String value) {
        if (isVisible(value)) {
            return value;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(value.length() * 2);
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            if (b > ' ' && b < 0x7F && b != '"' && b != '%') {
                out.write(b);
            } else {
                out.write('%');
                out.write(HEX.toHighHexDigit(b));
                out.write(HEX.toLowHexDigit(b));
            }
        }
        return out.toString(StandardCharsets.US_ASCII);
    }

    /** A quote in the middle is literal, and so is one in front that is never closed or closed too early. */
    private static String unquote(String value) {
        if (value.length() < 2 || value.charAt(0) != '"') {
            return value;
        }
        StringBuilder unescaped = new StringBuilder(value.length());
        for (int i = 1; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"') {
                return i == value.length() - 1 ? unescaped.toString() : value;
            }
            if (c == '\\' && i + 1 < value.length()) {
                c = value.charAt(++i);
            }
            unescaped.append(c);
        }
        return value;
    }

    /** RFC 9110 §5.5: optional whitespace around a value is no part of it. */
    static String trim(String raw) {
        int start = 0;
        int end = raw.length();
        while (start < end && isSpace(raw.charAt(start))) {
            start++;
        }
        while (end > start && isSpace(raw.charAt(end - 1))) {
            end--;
        }
        return raw.substring(start, end);
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t';
    }

    private static boolean isPlain(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '%' || c >= 0x80) {
                return false;
            }
        }
        return true;
    }

    private static boolean isVisible(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c <= ' ' || c >= 0x7F || c == '"' || c == '%') {
                return false;
            }
        }
        return true;
    }

    private static int hex(String value, int i) {
        char c = value.charAt(i);
        return HexFormat.isHexDigit(c) ? HexFormat.fromHexDigit(c) : -1;
    }
}
