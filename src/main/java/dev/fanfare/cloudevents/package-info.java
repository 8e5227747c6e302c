/**
 * The wire forms of CloudEvents 1.0: the first step of an event's life, and the form of its last.
 *
 * <p>Invariant: a {@link dev.fanfare.cloudevents.WireEvent} has only attributes that the specification allows, and the
 * bytes of its data are those that came in; they are spliced into JSON only when they are known to be one JSON value.
 *
 * <p>{@code ingest} reads, {@code attempt} writes, {@code event} stores and rebuilds, {@code filter} looks at attributes.
 * Pure: no clock, no database, no network.
 */
@NullMarked
package dev.fanfare.cloudevents;

import org.jspecify.annotations.NullMarked;
