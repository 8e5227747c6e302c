/**
 * Dead or past deliveries live again, at an operator's wish: a tracked job.
 *
 * <p>Invariant: matched = queued + skipped + gone + left, and queued = delivered + failed + cancelled + open. Called by
 * operators.
 */
@NullMarked
package dev.fanfare.replay;

import org.jspecify.annotations.NullMarked;
