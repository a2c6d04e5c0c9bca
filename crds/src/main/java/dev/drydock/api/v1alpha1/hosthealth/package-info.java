/** What is watched on hosts. */
@NullMarked
package dev.drydock.api.v1alpha1.hosthealth;

import org.jspecify.annotations.NullMarked;
