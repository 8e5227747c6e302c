package dev.fanfare.ingest;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Bytes of memory for requests that are being read or wait for their commit, shared among tenants: one of them has three
 * quarters of it at most, and a quarter while another one has some. A tenant's only request may have all that is free.
 */
final class RequestMemory {
    private final long size;
    private final Map<UUID, Long> byTenant = new HashMap<>();
    private long reserved;

    RequestMemory(long size) {
        this.size = size;
    }

    /**
     * Reserves memory for a request; false when there is none for this tenant.
     *
     * @param held what the same request has already
     */
    synchronized boolean reserve(UUID tenant, long bytes, long held) {
        long own = byTenant.getOrDefault(tenant, 0L);
        long share = reserved > own ? size / 4 : size / 4 * 3;
        if (reserved + bytes > size || (own > held && own + bytes > share)) {
            return false;
        }
        reserved += bytes;
        byTenant.put(tenant, own + bytes);
        return true;
    }

    synchronized void release(UUID tenant, long bytes) {
        reserved -= bytes;
        byTenant.computeIfPresent(tenant, (id, own) -> own == bytes ? null : Long.valueOf(own - bytes));
    }

    synchronized long reserved() {
        return reserved;
    }
}
