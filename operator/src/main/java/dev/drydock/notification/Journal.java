package dev.drydock.notification;

import dev.drydock.port.Notifier.Problem;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How deliveries of one channel went since the operator started.
 *
 * @param lastDelivery null: none yet
 * @param failed failed tries since then
 * @param problem of the last try; null if it succeeded, or there was none
 */
record Journal(@Nullable Instant lastDelivery, int failed, @Nullable Problem problem) {
  static final Journal EMPTY = new Journal(null, 0, null);
}
