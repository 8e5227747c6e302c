package dev.fanfare.access;

import java.util.UUID;

/**
 * An authenticated caller.
 *
 * @param tenantId the tenant that this request acts in
 * @param role {@code operator}
 * @param keyId the key, for logs and the audit; the key itself is not kept
 */
public record Caller(UUID tenantId, String role, UUID keyId) {}
