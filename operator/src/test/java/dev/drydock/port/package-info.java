/** Contracts of the ports, for implementations and for fakes. */
@NullMarked
package dev.drydock.port;

import org.jspecify.annotations.NullMarked;
