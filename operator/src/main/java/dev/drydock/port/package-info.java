/**
 * The few interfaces to the outside. Implementations live in {@code dev.drydock.adapter} and are
 * held to one contract test each, as are their fakes.
 */
@NullMarked
package dev.drydock.port;

import org.jspecify.annotations.NullMarked;
