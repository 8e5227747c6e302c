/**
 * The attempt: one signed HTTP request, and what came of it.
 *
 * <p>Invariant: no connection is opened to an address that the sink guard refuses, and each attempt ends within its
 * subscription's timeout with an {@link dev.fanfare.delivery.Outcome}, never with an exception. Knows no database.
 * Called by dispatch.
 */
@NullMarked
package dev.fanfare.attempt;

import org.jspecify.annotations.NullMarked;
