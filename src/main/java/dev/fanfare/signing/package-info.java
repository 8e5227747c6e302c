/**
 * Signs what is sent, by Standard Webhooks: secrets in their {@code whsec_} form and the HMAC-SHA256 signature header.
 *
 * <p>Invariant: a signature covers exactly the bytes that are sent, and no key is ever part of a message, a log line or
 * a {@code toString()}. Pure: no clock, no database, no HTTP. Called by {@code subscription} (secrets) and
 * {@code attempt} (signatures).
 */
@NullMarked
package dev.fanfare.signing;

import org.jspecify.annotations.NullMarked;
