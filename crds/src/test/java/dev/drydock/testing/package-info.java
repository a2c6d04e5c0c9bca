/** What the tests of all modules share. */
@NullMarked
package dev.drydock.testing;

import org.jspecify.annotations.NullMarked;
