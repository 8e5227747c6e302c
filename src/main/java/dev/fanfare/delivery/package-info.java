/**
 * The queue: deliveries and their states, attempts, claims, verdicts, settling, dead letters.
 *
 * <p>Invariant: every delivery is final, or waits in the queue, or is in flight with a living node. Called by ingest
 * (accept), dispatch (claim, settle) and replay.
 */
@NullMarked
package dev.fanfare.delivery;

import org.jspecify.annotations.NullMarked;
