/** Tests of the whole operator against a real API server. */
@NullMarked
package dev.drydock.app;

import org.jspecify.annotations.NullMarked;
