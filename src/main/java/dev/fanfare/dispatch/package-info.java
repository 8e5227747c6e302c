/**
 * Lanes and loops: claim, attempt, settle.
 *
 * <p>Invariant: what the database says this node has in flight is what its lanes, attempts and unsettled outcomes hold.
 * Called by ingest through {@link dev.fanfare.ingest.Handoff}, and by its own threads.
 */
@NullMarked
package dev.fanfare.dispatch;

import org.jspecify.annotations.NullMarked;
