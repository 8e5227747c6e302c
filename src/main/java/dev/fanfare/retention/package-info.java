/**
 * Forget: partitions created ahead and dropped behind, identities turned once per window.
 *
 * <p>Invariant: nothing that waits or is in flight is forgotten. Called by its own thread.
 */
@NullMarked
package dev.fanfare.retention;

import org.jspecify.annotations.NullMarked;
