/**
 * Who calls, and for which tenant: API keys, tenants, the operator's key of the first start.
 *
 * <p>Invariant: no key is stored or compared but as its SHA-256, and no call waits for the database to be authenticated.
 * Called by every package that answers requests under {@code /v1}.
 */
@NullMarked
package dev.fanfare.access;

import org.jspecify.annotations.NullMarked;
