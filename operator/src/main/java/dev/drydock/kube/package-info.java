/**
 * Thin layers over fabric8 and JOSDK: apply, status, events, Secrets; and what several features
 * make of a Host or a policy. Secrets are read by name and never watched, since the operator may
 * not list them; all ask one {@link dev.drydock.kube.Secrets}, whose answers are 15 seconds old at
 * the most: two readers with two versions of a key would take turns at reconnecting.
 */
@NullMarked
package dev.drydock.kube;

import org.jspecify.annotations.NullMarked;
