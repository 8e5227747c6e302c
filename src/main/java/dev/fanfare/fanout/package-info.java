/**
 * Event × live subscriptions = deliveries.
 *
 * <p>Invariant: matching happens once, at acceptance, by a known version of the tenant's subscriptions; it finds what a
 * walk over all of them would find. Called by ingest.
 */
@NullMarked
package dev.fanfare.fanout;

import org.jspecify.annotations.NullMarked;
