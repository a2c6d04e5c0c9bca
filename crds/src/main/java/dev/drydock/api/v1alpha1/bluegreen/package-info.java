/** How a new version is brought out. */
@NullMarked
package dev.drydock.api.v1alpha1.bluegreen;

import org.jspecify.annotations.NullMarked;
