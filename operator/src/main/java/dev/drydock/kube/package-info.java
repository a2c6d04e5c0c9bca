/** Thin layers over fabric8 and JOSDK: apply, status, events, Secrets. */
@NullMarked
package dev.drydock.kube;

import org.jspecify.annotations.NullMarked;
