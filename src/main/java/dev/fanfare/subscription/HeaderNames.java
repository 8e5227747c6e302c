package dev.fanfare.subscription;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Which headers a subscription may add to its webhooks. */
final class HeaderNames {
    /** RFC 9110 §5.6.2 */
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}");
    /** Visible ASCII and inner spaces, at most 1,024: what every HTTP stack carries unchanged (RFC 9110 §5.5). */
    private static final Pattern VALUE = Pattern.compile("[!-~](?:[ -~]{0,1022}[!-~])?");

    private static final Set<String> OF_THE_CONNECTION = Set.of(
            "host",
            "connection",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "expect",
            "http2-settings",
            "accept-encoding",
            "date",
            "via");
    private static final Set<String> OF_FANFARE = Set.of("user-agent", "traceparent", "tracestate");
    private static final List<String> PREFIXES = List.of("content-", "proxy-", "webhook-", "ce-", "fanfare-");
    private static final Set<String> CREDENTIALS = Set.of("authorization", "cookie");
    private static final List<String> SECRET_LOOKING =
            List.of("token", "secret", "api-key", "apikey", "api_key", "password", "passwd", "auth", "credential");

    private HeaderNames() {}

    static boolean isToken(String name) {
        return TOKEN.matcher(name).matches();
    }

    static boolean isValue(String value) {
        return VALUE.matcher(value).matches();
    }

    /** Set by the HTTP connection or by Fanfare itself. */
    static boolean isReserved(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return OF_THE_CONNECTION.contains(lower)
                || OF_FANFARE.contains(lower)
                || PREFIXES.stream().anyMatch(lower::startsWith);
    }

    /** Would be shown to everyone who may read the subscription. */
    static boolean looksSecret(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return CREDENTIALS.contains(lower) || SECRET_LOOKING.stream().anyMatch(lower::contains);
    }
}
