/** Tests of what is said of a host. */
@NullMarked
package dev.drydock.host;

import org.jspecify.annotations.NullMarked;
