package dev.fanfare.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Something that nobody may read, and how it may be written down all the same.
 *
 * @param what it is, for the message of a test
 */
record Secret(String what, String text) {
    private static final String WEBHOOK_SECRET = "whsec_";

    /** Where in a text it is, in one form or another; with a little of what stands before. */
    Optional<String> foundIn(String text) {
        return forms().stream()
                .filter(text::contains)
                .map(form -> {
                    int at = text.indexOf(form);
                    String before = text.substring(Math.max(0, at - 200), at);
                    return what + ", written as " + form + ", after: …" + before;
                })
                .findFirst();
    }

    private Set<String> forms() {
        Set<String> forms = new LinkedHashSet<>();
        forms.add(text);
        forms.add(URLEncoder.encode(text, UTF_8));
        forms.add(HexFormat.of().formatHex(text.getBytes(UTF_8)));
        forms.add(unpadded(Base64.getEncoder().encodeToString(text.getBytes(UTF_8))));
        if (text.startsWith(WEBHOOK_SECRET)) {
            addBytes(text.substring(WEBHOOK_SECRET.length()), forms);
        }
        return forms;
    }

    /** The key itself, without the words around it. */
    private static void addBytes(String base64, Set<String> forms) {
        forms.add(unpadded(base64));
        forms.add(URLEncoder.encode(unpadded(base64), UTF_8));
        forms.add(HexFormat.of().formatHex(Base64.getDecoder().decode(base64)));
    }

    private static String unpadded(String base64) {
        return base64.replace("=", "");
    }
}
