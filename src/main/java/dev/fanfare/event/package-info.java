/**
 * What was accepted: events, immutable, partitioned by day.
 *
 * <p>Invariant: the bytes of data that came in are the bytes stored. Called by ingest, delivery and whoever looks.
 */
@NullMarked
package dev.fanfare.event;

import org.jspecify.annotations.NullMarked;
