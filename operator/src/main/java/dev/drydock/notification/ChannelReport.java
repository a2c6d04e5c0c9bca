package dev.drydock.notification;

import dev.drydock.api.v1alpha1.notification.NotificationChannel;
import dev.drydock.api.v1alpha1.notification.NotificationChannelStatus;
import dev.drydock.kernel.Conditions;
import dev.drydock.port.Notifier.Problem;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** From what is known of a channel to its status. Pure. */
final class ChannelReport {
  private static final Duration REFRESH = Duration.ofMinutes(1);

  private ChannelReport() {}

  /**
   * What was observed.
   *
   * @param verification the fingerprint of spec and Secrets as they are now
   * @param verified whether a test of exactly these has been delivered, or none is wanted
   * @param handledTest the annotation's value that has been handled, or null
   */
  record Seen(
      Destinations.Result destination,
      Journal journal,
      String verification,
      boolean verified,
      boolean testWanted,
      @Nullable String handledTest) {}

  static NotificationChannelStatus status(NotificationChannel channel, Seen seen, Instant now) {
    NotificationChannelStatus previous = channel.getStatus();
    var conditions =
        new Conditions(
            previous == null ? List.of() : previous.conditions(),
            now,
            channel.getMetadata().getGeneration());
    conditions.without("Reconciling").without("Stalled");
    switch (seen.destination()) {
      case Destinations.Incomplete(ChannelReason reason, String message) ->
          conditions
              .with("Ready", false, reason.name(), message)
              .with("Stalled", true, reason.name(), message);
      case Destinations.Complete _ -> judge(conditions, seen, previous);
    }
    return new NotificationChannelStatus(
        channel.getMetadata().getGeneration(),
        conditions.list(),
        Destinations.type(channel.getSpec()),
        lastDelivery(previous, seen.journal()),
        seen.journal().failed(),
        seen.verified() ? seen.verification() : previous == null ? null : previous.verifiedFor(),
        seen.handledTest());
  }

  private static void judge(
      Conditions conditions, Seen seen, @Nullable NotificationChannelStatus previous) {
    @Nullable Problem problem = seen.journal().problem();
    if (problem != null) {
      ChannelReason reason =
          problem.refused() ? ChannelReason.DeliveryRefused : ChannelReason.DeliveryFailed;
      String message =
          problem.message()
              + (problem.refused()
                  ? ". Mend the channel or its Secret; it is tried again at once when they change"
                  : ". It is tried again in growing pauses; nothing is lost");
      conditions.with("Ready", false, reason.name(), message);
      if (problem.refused()) {
        conditions.with("Stalled", true, reason.name(), message);
      } else {
        conditions.with("Reconciling", true, reason.name(), message);
      }
    } else if (!seen.verified()) {
      conditions
          .unknown("Ready", ChannelReason.Testing.name(), "a test message is on its way")
          .with("Reconciling", true, ChannelReason.Testing.name(), "a test message is on its way");
    } else if (seen.journal().lastDelivery() != null
        || (previous != null && previous.lastDelivery() != null)) {
      conditions.with(
          "Ready",
          true,
          ChannelReason.DeliverySucceeded.name(),
          "the service has accepted the last message");
    } else {
      conditions.unknown(
          "Ready",
          ChannelReason.NotUsedYet.name(),
          "no message was sent yet; annotate the channel with drydock.dev/test=1 to send one");
    }
  }

  /** Brought up to date once a minute at the most. */
  private static @Nullable String lastDelivery(
      @Nullable NotificationChannelStatus previous, Journal journal) {
    String before = previous == null ? null : previous.lastDelivery();
    Instant last = journal.lastDelivery();
    if (last == null) {
      return before;
    }
    return before != null && Instant.parse(before).plus(REFRESH).isAfter(last)
        ? before
        : last.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
