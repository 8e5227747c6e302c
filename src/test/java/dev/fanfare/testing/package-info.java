/** What tests of several packages share: one Postgres per JVM, a scripted receiver, a scripted name server. */
@NullMarked
package dev.fanfare.testing;

import org.jspecify.annotations.NullMarked;
