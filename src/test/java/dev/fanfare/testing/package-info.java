/** What tests of several packages share: one Postgres per JVM. */
@NullMarked
package dev.fanfare.testing;

import org.jspecify.annotations.NullMarked;
