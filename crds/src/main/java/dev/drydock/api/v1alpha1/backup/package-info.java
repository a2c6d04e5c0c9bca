/** What is saved, and proven to be restorable. */
@NullMarked
package dev.drydock.api.v1alpha1.backup;

import org.jspecify.annotations.NullMarked;
