/** Tests of the layers over Kubernetes. */
@NullMarked
package dev.drydock.kube;

import org.jspecify.annotations.NullMarked;
