/**
 * What every step stands on: transactions, clock, ids, nodes, problems, the embedded Postgres.
 *
 * <p>Invariant: nothing here knows an event, a subscription or a delivery. Called by every package.
 */
@NullMarked
package dev.fanfare.platform;

import org.jspecify.annotations.NullMarked;
