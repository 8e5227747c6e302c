/**
 * Accept: a request becomes CloudEvents, committed with their deliveries in one transaction, before the answer.
 *
 * <p>Invariant: 202 only after COMMIT. Called by producers.
 */
@NullMarked
package dev.fanfare.ingest;

import org.jspecify.annotations.NullMarked;
