/** Makes the CRDs from the API types. */
@NullMarked
package dev.drydock.crds;

import org.jspecify.annotations.NullMarked;
