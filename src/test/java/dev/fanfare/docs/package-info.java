/** The pages under docs/ are true: each is compared with the code that it speaks of. */
@NullMarked
package dev.fanfare.docs;

import org.jspecify.annotations.NullMarked;
