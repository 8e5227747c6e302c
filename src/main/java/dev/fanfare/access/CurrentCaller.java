package dev.fanfare.access;

import jakarta.enterprise.context.RequestScoped;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The caller of the REST request under way, filled by {@link AuthenticationFilter}. */
@RequestScoped
public class CurrentCaller {
    private @Nullable Caller caller;

    void is(Caller authenticated) {
        caller = authenticated;
    }

    /** The tenant that the request acts in. */
    public UUID tenantId() {
        return caller().tenantId();
    }

    /** Whoever it is; there is none outside of a request under {@code /v1}. */
    public Caller caller() {
        Caller known = caller;
        if (known == null) {
            throw new IllegalStateException("This request was not authenticated");
        }
        return known;
    }
}
