/** Text that a host printed, made into readings, and readings made into findings. Pure. */
@NullMarked
package dev.drydock.probe;

import org.jspecify.annotations.NullMarked;
