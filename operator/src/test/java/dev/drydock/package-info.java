/** Rules for the whole. */
@NullMarked
package dev.drydock;

import org.jspecify.annotations.NullMarked;
