/** What nobody may read: signing secrets, credentials, keys and passwords. */
@NullMarked
package dev.fanfare.secrets;

import org.jspecify.annotations.NullMarked;
