/** What is done to hosts, and when. */
@NullMarked
package dev.drydock.api.v1alpha1.maintenance;

import org.jspecify.annotations.NullMarked;
