/** Who wants what, where, signed with which secrets. */
@NullMarked
package dev.fanfare.subscription;

import org.jspecify.annotations.NullMarked;
