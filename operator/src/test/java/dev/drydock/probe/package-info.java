/** Tests of what hosts print, and of what it means. */
@NullMarked
package dev.drydock.probe;

import org.jspecify.annotations.NullMarked;
