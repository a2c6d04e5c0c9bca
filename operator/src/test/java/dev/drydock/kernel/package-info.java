/** Tests of the domain's words. */
@NullMarked
package dev.drydock.kernel;

import org.jspecify.annotations.NullMarked;
