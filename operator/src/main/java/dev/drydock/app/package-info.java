/** Puts everything together: settings from the environment, wiring by constructors, endpoints. */
@NullMarked
package dev.drydock.app;

import org.jspecify.annotations.NullMarked;
