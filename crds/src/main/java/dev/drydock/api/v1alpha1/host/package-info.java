/** Hosts: the machines outside the cluster. */
@NullMarked
package dev.drydock.api.v1alpha1.host;

import org.jspecify.annotations.NullMarked;
