/** The adapter against real servers. */
@NullMarked
package dev.drydock.adapter.postgres;

import org.jspecify.annotations.NullMarked;
