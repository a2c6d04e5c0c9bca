/** Drydock's side of what bench/ measures; no tests. */
@NullMarked
package dev.drydock.bench;

import org.jspecify.annotations.NullMarked;
