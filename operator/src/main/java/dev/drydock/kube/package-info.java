/**
 * Thin layers over fabric8 and JOSDK: apply, status, events, Secrets; and what several features
 * make of a Host or a policy.
 */
@NullMarked
package dev.drydock.kube;

import org.jspecify.annotations.NullMarked;
