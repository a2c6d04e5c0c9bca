/**
 * NotificationChannel. The reconciler reads a channel and its Secrets and hands the settings to the
 * {@link dev.drydock.notification.ChannelOutbox}, which has one queue a channel: alerts wait for
 * their group and for the rate limit, are sent, and are tried again until the service takes them or
 * their sender takes them back. What came of it is in the channel's {@code Ready}. The outbox
 * forgets everything at a restart: whoever offers an alert remembers, and offers it again. What a
 * service refuses waits by itself; only a service that does not answer is left alone.
 */
@NullMarked
package dev.drydock.notification;

import org.jspecify.annotations.NullMarked;
