/**
 * Who wants what, where, signed with which secrets.
 *
 * <p>Invariant: every change raises the tenant's and the installation's routing version in its own transaction, so that
 * no replica can match or send by an older state without being able to know it. Called by clients through REST; read by
 * fanout (matching), dispatch (lanes) and attempt (signing).
 */
@NullMarked
package dev.fanfare.subscription;

import org.jspecify.annotations.NullMarked;
