/** The domain's own words. */
@NullMarked
package dev.drydock.kernel;

import org.jspecify.annotations.NullMarked;
