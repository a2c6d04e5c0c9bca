/** Tests of when maintenance is done. */
@NullMarked
package dev.drydock.maintenance;

import org.jspecify.annotations.NullMarked;
