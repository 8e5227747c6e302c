package dev.fanfare.access;

import dev.fanfare.platform.Problem;
import dev.fanfare.platform.ProblemException;
import dev.fanfare.platform.ProblemType;
import dev.fanfare.platform.StartRefused;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Says who calls. Keys and tenants are looked up in memory by the SHA-256 of what was presented, so that neither the
 * database nor the time that a comparison takes comes into it; a new or removed key counts within 5 s.
 */
@ApplicationScoped
public class Access {
    static final String TENANT_HEADER = "Fanfare-Tenant";
    private static final String DEFAULT_TENANT = "default";
    private static final String SCHEME = "bearer";
    private static final int SHORTEST_KEY = 32;
    /** Longer ones are refused before they are hashed. */
    private static final int LONGEST_KEY = 1_024;

    private final @Nullable String configured;
    private volatile AccessStore.@Nullable Known known;

    Access(AccessConfig config) {
        configured =
                config.operatorKey().map(key -> ApiKey.hex(ApiKey.hash(key))).orElse(null);
    }

    /**
     * Looks at a configured key before it is used.
     *
     * @throws StartRefused when it is too short to be safe, or no header can carry it
     */
    static void check(String key) {
        boolean sendable = key.chars().allMatch(c -> c > ' ' && c < 127);
        if (key.length() < SHORTEST_KEY || key.length() > LONGEST_KEY || !sendable) {
            throw new StartRefused("FANFARE_ACCESS_OPERATOR_KEY must have " + SHORTEST_KEY + " to " + LONGEST_KEY
                    + " characters, all of them visible ASCII, and has " + key.length()
                    + ". `openssl rand -hex 32` makes a good one.");
        }
    }

    boolean hasConfiguredKey() {
        return configured != null;
    }

    void learn(AccessStore.Known read) {
        known = read;
    }

    /** Whether keys are known; before that every call is answered 503. */
    public boolean isReady() {
        return known != null;
    }

    /**
     * Authenticates one request.
     *
     * @param authorizationHeader {@code Bearer <key>} (RFC 6750 §2.1; the scheme in any case, RFC 9110 §11.1)
     * @param tenantHeader the tenant's name; null means {@code default}
     * @throws ProblemException 401 with {@code WWW-Authenticate} for a missing, malformed or unknown key; 400
     *     {@code unknowntenant}; 503 with {@code Retry-After} before the database was ready for the first time
     */
    public Caller authenticate(@Nullable String authorizationHeader, @Nullable String tenantHeader) {
        AccessStore.Known now = known;
        if (now == null) {
            throw Problem.unavailable("The server is starting and waits for its database", Duration.ofSeconds(1))
                    .exception();
        }
        UUID key = keyId(now, ApiKey.hex(ApiKey.hash(presented(authorizationHeader))));
        UUID tenant = now.tenants().get(tenantHeader == null ? DEFAULT_TENANT : tenantHeader);
        if (tenant == null) {
            throw Problem.of(ProblemType.UNKNOWN_TENANT, TENANT_HEADER + " names no tenant of this server")
                    .exception();
        }
        return new Caller(tenant, "operator", key);
    }

    private UUID keyId(AccessStore.Known now, String hash) {
        if (configured != null) {
            if (configured.equals(hash)) {
                // no row: named after its hash, so that logs of all replicas agree
                return new UUID(Long.parseUnsignedLong(hash, 0, 16, 16), Long.parseUnsignedLong(hash, 16, 32, 16));
            }
            throw unauthorized("The API key is unknown");
        }
        UUID id = now.keys().get(hash);
        if (id == null) {
            throw unauthorized("The API key is unknown");
        }
        return id;
    }

    private static String presented(@Nullable String header) {
        if (header == null) {
            throw unauthorized("Authorization: Bearer <key> is missing");
        }
        int space = header.indexOf(' ');
        if (space < 0 || !header.substring(0, space).toLowerCase(Locale.ROOT).equals(SCHEME)) {
            throw unauthorized("Authorization must be: Bearer <key>");
        }
        String key = header.substring(space).strip();
        if (key.isEmpty() || key.length() > LONGEST_KEY || key.indexOf(' ') >= 0 || key.indexOf(',') >= 0) {
            throw unauthorized("Authorization must be: Bearer <key>");
        }
        return key;
    }

    public static ProblemException unauthorized(String detail) {
        return Problem.of(ProblemType.UNAUTHORIZED, detail)
                .withHeader("WWW-Authenticate", "Bearer")
                .exception();
    }
}
