/** Where people are told. */
@NullMarked
package dev.drydock.api.v1alpha1.notification;

import org.jspecify.annotations.NullMarked;
