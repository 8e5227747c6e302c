/**
 * Event × live subscriptions = deliveries.
 *
 * <p>Invariant: matching happens once, at acceptance. Called by ingest.
 */
@NullMarked
package dev.fanfare.fanout;

import org.jspecify.annotations.NullMarked;
