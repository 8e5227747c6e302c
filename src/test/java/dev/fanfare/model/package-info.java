/** A random walk over everything that happens to deliveries, each step compared with a plain model of it. */
@NullMarked
package dev.fanfare.model;

import org.jspecify.annotations.NullMarked;
