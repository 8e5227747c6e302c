package dev.fanfare.platform;

import inet.ipaddr.AddressStringException;
import inet.ipaddr.AddressStringParameters.RangeParameters;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressString;
import inet.ipaddr.IPAddressStringParameters;
import java.net.IDN;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A sink URI taken apart the way a hostile one must be: by its raw authority, since {@link URI#getHost()} is null for
 * many spellings that resolvers accept.
 *
 * @param host in ASCII, lower case, without brackets or a final dot
 * @param port 1 to 65535
 * @param literal the address when the host is an IP address in any spelling of inet_aton(3) or RFC 4291, else null
 * @param target path and query as the request line carries them, ASCII
 */
public record SinkAddress(
        boolean tls, String host, int port, @Nullable IPAddress literal, String target) {

    private static final int MAX_HOST = 253;
    private static final Pattern NAME =
            Pattern.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?" + "(\\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*");
    private static final Pattern ENDS_IN_NUMBER = Pattern.compile("(.*\\.)?([0-9]+|0[xX][0-9a-fA-F]*)");
    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");

    private static final IPAddressStringParameters V4 = strict().allowIPv6(false)
            .getIPv4AddressParametersBuilder()
            .allow_inet_aton(true)
            .allowLeadingZeros(true)
            .allowUnlimitedLeadingZeros(true)
            .getParentBuilder()
            .toParams();
    private static final IPAddressStringParameters V6 = strict().allowIPv4(false)
            .getIPv6AddressParametersBuilder()
            .allowZone(false)
            .allowMixed(true)
            .getParentBuilder()
            .toParams();

    private static IPAddressStringParameters.Builder strict() {
        return new IPAddressStringParameters.Builder()
                .allowEmpty(false)
                .allowAll(false)
                .allowSingleSegment(true)
                .allowWildcardedSeparator(false)
                .setRangeOptions(RangeParameters.NO_RANGE)
                .allowPrefix(false)
                .allowMask(false);
    }

    /**
     * Takes a sink apart.
     *
     * @throws IllegalArgumentException with a message for the client when the URI is no usable http or https sink
     */
    public static SinkAddress parse(URI sink) {
        String scheme = sink.getScheme() == null ? "" : sink.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("https") && !scheme.equals("http")) {
            throw new IllegalArgumentException("the scheme must be https");
        }
        boolean tls = scheme.equals("https");
        String authority = sink.getRawAuthority();
        if (authority == null || authority.isEmpty()) {
            throw new IllegalArgumentException("a host is missing");
        }
        if (authority.indexOf('@') >= 0) {
            throw new IllegalArgumentException("user information in the URI is not allowed; use sinkcredential");
        }
        // A colon inside brackets belongs to the address.
        int colon = authority.indexOf(':', authority.lastIndexOf(']') + 1);
        String host = colon < 0 ? authority : authority.substring(0, colon);
        int port = colon < 0 ? (tls ? 443 : 80) : port(authority.substring(colon + 1), tls);
        if (host.startsWith("[")) {
            IPAddress literal = ipv6(host);
            return new SinkAddress(tls, literal.toCanonicalString(), port, literal, target(sink));
        }
        String name = name(host);
        IPAddress literal = ENDS_IN_NUMBER.matcher(name).matches() ? ipv4(name) : null;
        return new SinkAddress(tls, name, port, literal, target(sink));
    }

    /** The <code>Host</code> header: brackets around IPv6, no default port (RFC 9110 §7.2). */
    public String hostHeader() {
        String bracketed = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return port == (tls ? 443 : 80) ? bracketed : bracketed + ":" + port;
    }

    private static int port(String text, boolean tls) {
        if (text.isEmpty()) {
            return tls ? 443 : 80;
        }
        int port = PORT.matcher(text).matches() ? Integer.parseInt(text) : 0;
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("the port must be 1 to 65535");
        }
        return port;
    }

    private static String name(String raw) {
        String host;
        try {
            // NFKC turns full-width and circled digits into digits, IDN the ideographic dots into dots.
            host = IDN.toASCII(Normalizer.normalize(raw, Normalizer.Form.NFKC), IDN.ALLOW_UNASSIGNED)
                    .toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("the host is not a valid name", e);
        }
        if (host.endsWith(".")) {
            host = host.substring(0, host.length() - 1);
        }
        if (host.isEmpty()) {
            throw new IllegalArgumentException("a host is missing");
        }
        if (host.length() > MAX_HOST || !NAME.matcher(host).matches()) {
            throw new IllegalArgumentException("the host is not a valid name");
        }
        return host;
    }

    private static IPAddress ipv4(String host) {
        return literal(new IPAddressString(host, V4));
    }

    private static IPAddress ipv6(String bracketed) {
        if (bracketed.indexOf('%') >= 0) {
            throw new IllegalArgumentException("an IPv6 zone is not allowed");
        }
        if (!bracketed.endsWith("]")) {
            throw new IllegalArgumentException("the host is not a valid IPv6 address");
        }
        return literal(new IPAddressString(bracketed.substring(1, bracketed.length() - 1), V6));
    }

    private static IPAddress literal(IPAddressString text) {
        try {
            return text.toAddress();
        } catch (AddressStringException e) {
            throw new IllegalArgumentException("the host ends in a number and is not a valid IP address", e);
        }
    }

    private static String target(URI sink) {
        String path = sink.getRawPath() == null || sink.getRawPath().isEmpty() ? "/" : sink.getRawPath();
        String raw = sink.getRawQuery() == null ? path : path + "?" + sink.getRawQuery();
        StringBuilder ascii = new StringBuilder(raw.length());
        for (byte b : raw.getBytes(StandardCharsets.UTF_8)) {
            if (b > 0x20 && b < 0x7f) {
                ascii.append((char) b);
            } else {
                ascii.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
            }
        }
        return ascii.toString();
    }
}
