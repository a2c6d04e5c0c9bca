/** Tests of what is done on hosts. */
@NullMarked
package dev.drydock.work;

import org.jspecify.annotations.NullMarked;
