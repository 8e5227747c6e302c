/** What users see of the whole application, told in their words; all stories share one running application. */
@NullMarked
package dev.fanfare.story;

import org.jspecify.annotations.NullMarked;
