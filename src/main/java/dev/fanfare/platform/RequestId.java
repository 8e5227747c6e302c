package dev.fanfare.platform;

import io.vertx.ext.web.RoutingContext;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The name of a request in answers and logs: the client's own {@code x-request-id} where it is harmless, else a new one. */
public final class RequestId {
    public static final String HEADER = "x-request-id";

    private static final Pattern HARMLESS = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final String KEY = RequestId.class.getName();

    private RequestId() {}

    /** The id of this request; the same at every call. */
    public static String of(RoutingContext request) {
        String known = request.get(KEY);
        if (known != null) {
            return known;
        }
        String id = from(request.request().getHeader(HEADER));
        request.put(KEY, id);
        return id;
    }

    static String from(@Nullable String header) {
        return header != null && HARMLESS.matcher(header).matches()
                ? header
                : UUID.randomUUID().toString();
    }
}
