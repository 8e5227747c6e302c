import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.*;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.*;
import java.util.*;
import java.util.concurrent.Executors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A receiver to try Fanfare with: prints each webhook and whether its signature verifies. Needs a JDK 17 or later:
 *
 * <pre>  java docs/examples/Receiver.java [whsec_...] [--port 9000] [--fail]</pre>
 *
 * The secret may also come from WEBHOOK_SECRET; several are separated by spaces. --fail answers 500, to watch retries.
 */
public class Receiver {
    private static final long TOLERANCE_SECONDS = 300;

    private final List<byte[]> keys = new ArrayList<>();
    private int port = 9000;
    private boolean fail;

    public static void main(String[] args) throws IOException {
        new Receiver(args).start();
    }

    private Receiver(String[] args) {
        String secrets = System.getenv().getOrDefault("WEBHOOK_SECRET", "");
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--fail" -> fail = true;
                case "--port" -> port = Integer.parseInt(args[++i]);
                default -> secrets = args[i];
            }
        }
        for (String secret : secrets.strip().split("\\s+")) {
            if (secret.startsWith("whsec_")) {
                keys.add(Base64.getDecoder().decode(secret.substring("whsec_".length())));
            } else if (!secret.isEmpty()) {
                throw new IllegalArgumentException("neither an option nor a secret (whsec_...): " + secret);
            }
        }
    }

    private void start() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", this::receive);
        server.start();
        System.out.printf("Listening on http://127.0.0.1:%d/, %s%n", server.getAddress().getPort(),
                keys.isEmpty() ? "signatures are not checked (no secret given)" : "checking signatures");
    }

    private void receive(HttpExchange exchange) throws IOException {
        try (exchange) {
            Headers headers = exchange.getRequestHeaders();
            byte[] body = exchange.getRequestBody().readNBytes(16 << 20);
            boolean genuine = keys.isEmpty() || verifies(headers, body);
            String json = new String(body, UTF_8);
            // In binary mode the event's attributes are headers.
            String type = headers.containsKey("ce-type") ? headers.getFirst("ce-type") : member(json, "type");
            String id = headers.containsKey("ce-id") ? headers.getFirst("ce-id") : member(json, "id");
            String verdict = genuine ? "signature verifies" : "SIGNATURE DOES NOT VERIFY";
            String line = String.format("%tT %s attempt %s  %s %s  %s", LocalTime.now(), headers.getFirst("webhook-id"),
                    headers.getFirst("fanfare-attempt"), type, id, keys.isEmpty() ? "not checked" : verdict);
            System.out.println(line.replaceAll("\\p{Cntrl}", "?")); // nobody else writes to this terminal
            exchange.sendResponseHeaders(fail ? 500 : genuine ? 204 : 401, -1);
        }
    }

    /** Standard Webhooks: during a rotation there are several signatures, and one that fits is enough. */
    private boolean verifies(Headers headers, byte[] body) {
        String id = headers.getFirst("webhook-id");
        String timestamp = headers.getFirst("webhook-timestamp");
        String signatures = headers.getFirst("webhook-signature");
        if (id == null || signatures == null || timestamp == null || !timestamp.matches("[0-9]{1,12}")) {
            return false;
        }
        long age = Instant.now().getEpochSecond() - Long.parseLong(timestamp);
        byte[] head = (id + "." + timestamp + ".").getBytes(UTF_8);
        return Math.abs(age) <= TOLERANCE_SECONDS
                && keys.stream().map(key -> signature(key, head, body)).anyMatch(expected ->
                        Arrays.stream(signatures.split(" ")).anyMatch(given -> // isEqual takes constant time
                                MessageDigest.isEqual(expected, given.getBytes(UTF_8))));
    }

    private static byte[] signature(byte[] key, byte[] head, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            mac.update(head);
            return ("v1," + Base64.getEncoder().encodeToString(mac.doFinal(body))).getBytes(UTF_8);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The string of a top-level member, without a JSON library: enough to print it, not to work with it. */
    private static String member(String json, String name) {
        String key = null;
        for (int i = 0, depth = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (c == '"') {
                int start = ++i;
                while (i < json.length() && json.charAt(i) != '"') i += json.charAt(i) == '\\' ? 2 : 1;
                String text = json.substring(start, Math.min(i, json.length()));
                if (depth == 1 && name.equals(key)) return text;
                if (depth == 1 && key == null) key = text;
            } else if (c == '{' || c == '[') depth++;
            else if (c == '}' || c == ']') depth--;
            else if (c == ',' && depth == 1) key = null;
        }
        return "?";
    }
}
