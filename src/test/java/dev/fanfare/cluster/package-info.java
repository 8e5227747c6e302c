/** Several processes on one Postgres. */
@NullMarked
package dev.fanfare.cluster;

import org.jspecify.annotations.NullMarked;
