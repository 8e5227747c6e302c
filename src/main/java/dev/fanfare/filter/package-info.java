/**
 * Decides whether an event is wanted: the filter dialects of the CloudEvents Subscriptions API, read once from JSON and
 * kept as an immutable tree of records.
 *
 * <p>Invariant: a filter that was accepted never fails at matching, and costs at most 256 comparisons. Pure: no clock, no
 * database. Called by {@code subscription} (reading) and {@code fanout} (matching).
 */
@NullMarked
package dev.fanfare.filter;

import org.jspecify.annotations.NullMarked;
