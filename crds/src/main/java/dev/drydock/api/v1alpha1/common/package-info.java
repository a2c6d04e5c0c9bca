/** What several kinds share. */
@NullMarked
package dev.drydock.api.v1alpha1.common;

import org.jspecify.annotations.NullMarked;
