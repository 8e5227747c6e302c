package dev.fanfare.cloudevents;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.BitSet;

/** The grammar of RFC 3986; {@code java.net.URI} follows an older one and takes what this one forbids. */
final class UriReference {
    private static final BitSet UNRESERVED_AND_SUB_DELIMS = set("-._~!$&'()*+,;=");
    private static final BitSet REG_NAME = UNRESERVED_AND_SUB_DELIMS;
    private static final BitSet USERINFO = with(REG_NAME, ":");
    private static final BitSet PATH = with(REG_NAME, ":@/");
    private static final BitSet QUERY = with(PATH, "?");

    private UriReference() {}

    /** RFC 3986 §4.1; never empty. */
    static boolean isValid(String text) {
        int fragment = text.indexOf('#');
        int end = fragment < 0 ? text.length() : fragment;
        int query = indexOf(text, '?', 0, end);
        int pathEnd = query < 0 ? end : query;
        int start = afterScheme(text, pathEnd);
        if (text.isEmpty() || start < 0) {
            return false;
        }
        if (text.startsWith("//", start)) {
            int authority = start + 2;
            int slash = indexOf(text, '/', authority, pathEnd);
            start = slash < 0 ? pathEnd : slash;
            if (!isAuthority(text, authority, start)) {
                return false;
            }
        }
        return consistsOf(text, start, pathEnd, PATH)
                && (query < 0 || consistsOf(text, query + 1, end, QUERY))
                && (fragment < 0 || consistsOf(text, fragment + 1, text.length(), QUERY));
    }

    /** RFC 3986 §3: with a scheme; a fragment is allowed, since schemas are commonly addressed by one. */
    static boolean isAbsolute(String text) {
        return isValid(text) && afterScheme(text, text.length()) > 0;
    }

    /** Index after the scheme's colon, 0 without a scheme, -1 when the first segment has a colon but is no scheme. */
    private static int afterScheme(String text, int end) {
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            if (c == ':') {
                return isScheme(text, i) ? i + 1 : -1;
            }
            if (c == '/' || c == '?' || c == '#') {
                return 0;
            }
        }
        return 0;
    }

    private static boolean isScheme(String text, int end) {
        if (end == 0 || !isLetter(text.charAt(0))) {
            return false;
        }
        for (int i = 1; i < end; i++) {
            char c = text.charAt(i);
            if (!isLetter(c) && !isDigit(c) && c != '+' && c != '-' && c != '.') {
                return false;
            }
        }
        return true;
    }

    private static boolean isAuthority(String text, int start, int end) {
        int at = indexOf(text, '@', start, end);
        int host = at < 0 ? start : at + 1;
        if (at >= 0 && !consistsOf(text, start, at, USERINFO)) {
            return false;
        }
        int hostEnd;
        if (host < end && text.charAt(host) == '[') {
            hostEnd = indexOf(text, ']', host, end) + 1;
            if (hostEnd == 0 || !isAddressLiteral(text.substring(host, hostEnd))) {
                return false;
            }
        } else {
            int colon = indexOf(text, ':', host, end);
            hostEnd = colon < 0 ? end : colon;
            if (!consistsOf(text, host, hostEnd, REG_NAME)) {
                return false;
            }
        }
        return isPort(text, hostEnd, end);
    }

    private static boolean isPort(String text, int start, int end) {
        if (start == end) {
            return true;
        }
        for (int i = start + 1; i < end; i++) {
            if (!isDigit(text.charAt(i))) {
                return false;
            }
        }
        return text.charAt(start) == ':';
    }

    /** IPv6 in brackets; the zone ids that Java also takes are not of RFC 3986, IPvFuture has no user. */
    private static boolean isAddressLiteral(String literal) {
        if (literal.indexOf('%') >= 0) {
            return false;
        }
        try {
            return literal.equals(new URI("//" + literal).getHost());
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static boolean consistsOf(String text, int start, int end, BitSet allowed) {
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if (c == '%') {
                if (i + 2 >= end || !isHex(text.charAt(i + 1)) || !isHex(text.charAt(i + 2))) {
                    return false;
                }
                i += 2;
            } else if (!allowed.get(c)) {
                return false;
            }
        }
        return true;
    }

    private static int indexOf(String text, char c, int start, int end) {
        int i = text.indexOf(c, start);
        return i < end ? i : -1;
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isHex(char c) {
        return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }

    private static BitSet set(String punctuation) {
        BitSet set = new BitSet(128);
        set.set('0', '9' + 1);
        set.set('A', 'Z' + 1);
        set.set('a', 'z' + 1);
        punctuation.chars().forEach(set::set);
        return set;
    }

    private static BitSet with(BitSet base, String punctuation) {
        BitSet set = (BitSet) base.clone();
        punctuation.chars().forEach(set::set);
        return set;
    }
}
