package dev.fanfare.cloudevents;

import dev.fanfare.cloudevents.WireEvent.DataKind;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** SHA-256 over what an event says, independent of the content mode that it came in. */
final class ContentDigest {
    private ContentDigest() {}

    static byte[] of(WireEvent event) {
        SortedMap<String, String> attributes = new TreeMap<>();
        for (String name : event.getSpecVersion().getAllAttributes()) {
            String value = event.attribute(name);
            if (value != null) {
                attributes.put(name, value);
            }
        }
        event.extensions().forEach((name, value) -> attributes.put(name, value.toString()));
        if (event.dataKind() == DataKind.JSON) {
            attributes.putIfAbsent("datacontenttype", "application/json");
        }
        MessageDigest digest = sha256();
        // Neither names nor values contain NUL, so it separates without doubt.
        for (Map.Entry<String, String> attribute : attributes.entrySet()) {
            digest.update(attribute.getKey().getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            digest.update(attribute.getValue().getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
        }
        digest.update((byte) 0);
        return digest.digest(event.dataBytes());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
