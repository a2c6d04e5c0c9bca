/**
 * Host. Each turn probes the host once over its kept-open session, and says in {@code Ready}
 * whether it can be used, or what has to be mended.
 */
@NullMarked
package dev.drydock.host;

import org.jspecify.annotations.NullMarked;
