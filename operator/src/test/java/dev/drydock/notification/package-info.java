/** Tests of queues and channels. */
@NullMarked
package dev.drydock.notification;

import org.jspecify.annotations.NullMarked;
